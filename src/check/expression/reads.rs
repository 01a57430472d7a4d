//! What an expression mentions: paths, variables and functions, found without evaluating it.

use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators,
};

use super::{ENV, Expression, HAS, replace_has};
use crate::check::functions;

/// Something that an expression mentions, and where.
#[derive(Clone, Debug)]
pub(crate) struct Mention {
    /// Byte offset in the expression.
    pub(crate) offset: usize,
    /// What it is.
    pub(crate) what: Mentioned,
}

/// Something that an expression mentions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Mentioned {
    /// A function by its name.
    Function(String),
    /// A place in the evidence.
    Path(Path),
    /// A regular expression.
    Regex(String),
}

/// A place, from a variable on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Path {
    /// The variable.
    pub(crate) root: String,
    /// The way down from it.
    pub(crate) steps: Vec<Step>,
}

/// One step down.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// What a macro such as `all` runs over: an element of a list, a key of an object.
    Each,
    /// An index that is computed, or a number.
    Index,
    /// A name.
    Key(String),
}

impl Expression {
    /// All that it mentions, in the order in which it is written.
    pub(crate) fn mentions(&self) -> Vec<Mention> {
        // The slower parser tells where a node was written.
        let Ok(program) = ENV.compile(&self.source) else {
            return Vec::new();
        };
        let mut root = program.expression().clone();
        replace_has(&mut root);
        let mut walk = Walk {
            written: program.source_info(),
            variables: Vec::new(),
            found: Vec::new(),
        };
        walk.visit_whole(&root);
        walk.found
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.root)?;
        for step in &self.steps {
            match step {
                Step::Each | Step::Index => f.write_str("[]")?,
                Step::Key(key) if key.contains('.') => write!(f, "[{key:?}]")?,
                Step::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}

struct Walk<'e> {
    written: &'e SourceInfo,
    /// Variables of macros, innermost last, with the place that they run over if it is one.
    variables: Vec<(&'e str, Option<Path>)>,
    found: Vec<Mention>,
}

impl<'e> Walk<'e> {
    /// Visits an expression whose value is used as such.
    fn visit_whole(&mut self, expression: &'e IdedExpr) {
        if let Some(path) = self.visit(expression) {
            self.found(expression, Mentioned::Path(path));
        }
    }

    /// Visits an expression; if it is a place, the place, which the caller may lead further down.
    fn visit(&mut self, expression: &'e IdedExpr) -> Option<Path> {
        match &expression.expr {
            Expr::Call(call) => self.visit_call(expression, call),
            Expr::Comprehension(comprehension) => self.visit_comprehension(comprehension),
            Expr::Ident(name) => self.variable(name),
            Expr::List(list) => {
                list.elements
                    .iter()
                    .for_each(|element| self.visit_whole(element));
                None
            }
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.visit_whole(&entry.key);
                        self.visit_whole(&entry.value);
                    }
                }
                None
            }
            Expr::Select(select) => {
                let mut path = self.visit(&select.operand)?;
                path.steps.push(Step::Key(select.field.clone()));
                Some(path)
            }
            Expr::Literal(_) | Expr::Struct(_) | Expr::Unspecified => None,
        }
    }

    fn visit_call(&mut self, expression: &'e IdedExpr, call: &'e CallExpr) -> Option<Path> {
        if let ([object, index], operators::INDEX | HAS) = (&call.args[..], &*call.func_name) {
            let path = self.visit(object);
            let step = match &index.expr {
                Expr::Literal(LiteralValue::String(key)) => Step::Key(key.inner().to_owned()),
                _ => Step::Index,
            };
            self.visit_whole(index);
            let mut path = path?;
            path.steps.push(step);
            if call.func_name == HAS {
                self.found(expression, Mentioned::Path(path));
                return None;
            }
            return Some(path);
        }
        if call
            .func_name
            .starts_with(|first: char| first.is_ascii_alphabetic())
        {
            self.found(expression, Mentioned::Function(call.func_name.clone()));
        }
        if let Some(target) = &call.target {
            self.visit_whole(target);
        }
        if let (true, Some(last)) = (takes_regex(&call.func_name), call.args.last())
            && let Expr::Literal(LiteralValue::String(pattern)) = &last.expr
        {
            self.found(last, Mentioned::Regex(pattern.inner().to_owned()));
        }
        // Of `condition ? a : b` either may be led further down; they are used as they are here.
        call.args
            .iter()
            .for_each(|argument| self.visit_whole(argument));
        None
    }

    fn visit_comprehension(&mut self, comprehension: &'e ComprehensionExpr) -> Option<Path> {
        let range = self.visit(&comprehension.iter_range);
        if let Some(path) = &range {
            self.found(&comprehension.iter_range, Mentioned::Path(path.clone()));
        }
        self.visit_whole(&comprehension.accu_init);
        let each = range.clone().map(|mut path| {
            path.steps.push(Step::Each);
            path
        });
        self.variables.push((&comprehension.accu_var, None));
        self.variables.push((&comprehension.iter_var, each));
        self.visit_whole(&comprehension.loop_cond);
        self.visit_whole(&comprehension.loop_step);
        self.variables.pop();
        self.visit_whole(&comprehension.result);
        self.variables.pop();
        range.filter(|_| is_filter(comprehension))
    }

    fn variable(&self, name: &str) -> Option<Path> {
        let bound = self
            .variables
            .iter()
            .rev()
            .find(|(variable, _)| *variable == name);
        match bound {
            Some((_, path)) => path.clone(),
            None if name.starts_with('@') => None,
            None => Some(Path {
                root: name.to_owned(),
                steps: Vec::new(),
            }),
        }
    }

    fn found(&mut self, at: &IdedExpr, what: Mentioned) {
        let offset = self.written.offset_for(at.id);
        let offset = offset.map_or(0, |(start, _)| start as usize);
        self.found.push(Mention { offset, what });
    }
}

/// Whether the last argument of a function is a regular expression.
fn takes_regex(name: &str) -> bool {
    let mut all = functions::ALL.iter();
    name == "matches"
        || all.any(|function| function.name == name && function.usage.contains("\"regex\""))
}

/// Whether it is `list.filter(x, …)`: its elements are elements of the list.
fn is_filter(comprehension: &ComprehensionExpr) -> bool {
    let Expr::Call(step) = &comprehension.loop_step.expr else {
        return false;
    };
    let Some(Expr::Call(append)) = step.args.get(1).map(|append| &append.expr) else {
        return false;
    };
    let Some(Expr::List(appended)) = append.args.get(1).map(|list| &list.expr) else {
        return false;
    };
    step.func_name == operators::CONDITIONAL
        && matches!(&appended.elements[..], [IdedExpr { expr: Expr::Ident(name), .. }]
            if *name == comprehension.iter_var)
}
