//! The language of checks: CEL over the evidence. No other module names `cel`.
//!
//! An unknown fact is an error that `&&`, `||`, `all` and `exists` absorb as Kleene logic does; what
//! is left of it at the end is the answer "unknown".

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue};
use cel::common::types::{CelBool, CelList, CelString};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::parser::PrattParser;
use cel::{Context, Env, ExecutionError, FunctionContext, ParseErrors, Value};
use serde_json::Value as Json;

use super::functions::{self, Function};

mod reads;
mod trace;
mod view;

pub(crate) use reads::{Mentioned, Path, Step};
pub(crate) use trace::{Recorded, Trace};
pub(crate) use view::View;

/// Longest expression that is accepted, in bytes.
pub(crate) const LONGEST: usize = 2048;

/// Deepest nesting that is accepted: the parser recurses, and a check file may come from anybody.
const DEEPEST: usize = 24;

/// The function that `has(a.b)` becomes: CEL's own cannot tell "none" from "unknown".
const HAS: &str = "@has";

/// A parsed expression.
#[derive(Debug)]
pub(crate) struct Expression {
    /// As it is written.
    source: String,
    /// The tree with `has(…)` replaced.
    root: IdedExpr,
}

/// Text that is no expression.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct SyntaxError {
    /// What is wrong, in the parser's words.
    pub(crate) message: String,
    /// Byte offset in the expression.
    pub(crate) offset: usize,
}

/// What evaluating an expression gave.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer<T> {
    /// The expression itself is wrong, and why.
    Broken(String),
    /// The value.
    Known(T),
    /// A fact that was needed is not known.
    Unknown,
}

/// What a name stands for.
#[derive(Debug)]
pub(crate) enum Binding {
    /// A list of values of the document.
    List(CelList<'static>),
    /// A value of the document.
    One(View),
    /// An object of which nothing is known; its path is that of what would tell.
    UnknownObject(View),
    /// Text that is not known, and the path of what would tell.
    UnknownText(String),
}

/// The names that a subject binds.
#[derive(Debug, Default)]
pub(crate) struct Scope(pub(crate) Vec<(&'static str, Binding)>);

/// Evaluates expressions over one document.
pub(crate) struct Evaluator {
    functions: Context<'static, 'static>,
    trace: Arc<Trace>,
}

impl Expression {
    /// Parses the text of an expression.
    pub(crate) fn parse(source: &str) -> Result<Self, SyntaxError> {
        if source.len() > LONGEST {
            let message = format!("the expression is longer than {LONGEST} bytes");
            return Err(SyntaxError { message, offset: 0 });
        }
        if let Some(offset) = too_deep(source) {
            let message = format!("more than {DEEPEST} brackets or signs inside each other");
            return Err(SyntaxError { message, offset });
        }
        // The crate's quick parser, which does not keep where every node was written: judging needs
        // hundreds of trees in a few milliseconds.
        let mut root = PrattParser::new()
            .parse(source)
            .map_err(|errors| syntax_error(source, &errors))?;
        replace_has(&mut root);
        let source = source.to_owned();
        Ok(Self { source, root })
    }
}

impl Evaluator {
    /// For the document whose views record in `trace`.
    pub(crate) fn new(trace: Arc<Trace>) -> Self {
        let mut functions = Context::with_env(Arc::clone(&ENV));
        for function in functions::ALL {
            functions
                .add_function(function.name, |context: &FunctionContext<'_, '_>| {
                    call(function, context)
                })
                .expect("no function of CEL has such a name");
        }
        functions
            .add_function(HAS, |context: &FunctionContext<'_, '_>| has(context))
            .expect("it is no name that can be written");
        Self { functions, trace }
    }

    /// Whether an expression holds.
    pub(crate) fn holds(&self, expression: &Expression, scope: &Scope) -> Answer<bool> {
        self.evaluate(expression, scope, |value| {
            let boolean = value
                .downcast_ref::<CelBool>()
                .map(|boolean| *boolean.inner());
            boolean.ok_or_else(|| ExecutionError::UnexpectedType {
                got: value.get_type().name().to_owned(),
                want: "bool".to_owned(),
            })
        })
    }

    /// The value of an expression.
    pub(crate) fn value(&self, expression: &Expression, scope: &Scope) -> Answer<Json> {
        self.evaluate(expression, scope, view::to_json)
    }

    /// A value of which nothing is known.
    pub(crate) fn unknown(&self, path: String) -> View {
        View::unknown(path, &self.trace)
    }

    /// Whether what is read is kept, which takes a while, or only what is missed.
    pub(crate) fn keep_reads(&self, wanted: bool) {
        self.trace.keep_reads(wanted);
    }

    /// Takes what was read and missed since the last call.
    pub(crate) fn take(&self) -> Recorded {
        self.trace.take()
    }

    fn evaluate<T>(
        &self,
        expression: &Expression,
        scope: &Scope,
        convert: impl FnOnce(&dyn Val) -> Result<T, ExecutionError>,
    ) -> Answer<T> {
        let functions: &Context<'_, '_> = &self.functions;
        let mut context = functions.new_inner_scope();
        context.set_variable_resolver(scope);
        let value = Value::resolve_val(&expression.root, &context);
        match value.and_then(|value: CowVal<'_, '_>| convert(value.as_ref())) {
            Ok(value) => Answer::Known(value),
            Err(ExecutionError::FunctionError { function, .. }) if function == trace::UNKNOWN => {
                Answer::Unknown
            }
            Err(ExecutionError::UndeclaredReference(name)) => match scope.unknown_text(&name) {
                Some(path) => {
                    self.trace.miss(path.to_owned());
                    Answer::Unknown
                }
                None => Answer::Broken(format!("nothing is called {name}")),
            },
            Err(error) => Answer::Broken(error.to_string()),
        }
    }
}

impl<T> Answer<T> {
    /// Another answer made of the value, if it is known.
    pub(crate) fn map<U>(self, f: impl FnOnce(T) -> U) -> Answer<U> {
        match self {
            Self::Broken(problem) => Answer::Broken(problem),
            Self::Known(value) => Answer::Known(f(value)),
            Self::Unknown => Answer::Unknown,
        }
    }
}

impl Binding {
    /// A list of values of the document.
    pub(crate) fn list(views: impl IntoIterator<Item = View>) -> Self {
        let values: Vec<_> = views.into_iter().map(|view| view.value()).collect();
        Self::List(CelList::from(values))
    }
}

impl VariableResolver for Scope {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let (_, binding) = self.0.iter().find(|(name, _)| *name == variable)?;
        match binding {
            Binding::List(list) => Some(CowVal::Borrowed(list)),
            Binding::One(view) | Binding::UnknownObject(view) => {
                Some(CowVal::Borrowed(view.borrowed()))
            }
            // Not there: a value of any type could be compared.
            Binding::UnknownText(_) => None,
        }
    }
}

impl Scope {
    fn unknown_text(&self, wanted: &str) -> Option<&str> {
        self.0.iter().find_map(|(name, binding)| match binding {
            Binding::UnknownText(path) if *name == wanted => Some(path.as_str()),
            _ => None,
        })
    }
}

impl std::fmt::Debug for Evaluator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Evaluator").finish_non_exhaustive()
    }
}

static ENV: LazyLock<Arc<Env>> =
    LazyLock::new(|| Arc::new(Env::stdlib().with_optional_support(false)));

fn call(function: &Function, context: &FunctionContext<'_, '_>) -> Result<Value, ExecutionError> {
    let values = context.this.iter().chain(&context.args);
    let arguments: Vec<Cow<'_, Json>> = values
        .map(|value| match view::json_of(value.as_ref()) {
            Err(_) if function.lenient => Ok(Cow::Owned(Json::Null)),
            json => json,
        })
        .collect::<Result<_, _>>()?;
    let views = views(context);
    let of = |arguments: &[Cow<'_, Json>]| {
        let arguments: Vec<Json> = arguments.iter().map(|it| (**it).clone()).collect();
        function.call(&arguments)
    };
    let answer = match (&views[..], &arguments[..]) {
        // Many checks ask the same of the same link.
        ([view], [_]) => view.answer(function.name, "", || of(&arguments)),
        ([view], [_, Cow::Owned(Json::String(text))]) => {
            view.answer(function.name, text, || of(&arguments))
        }
        _ => of(&arguments),
    };
    if !function.looks_at.is_empty()
        && let [first, ..] = &views[..]
    {
        first.look(function.looks_at);
    }
    if let ([value, ..], [_, pattern]) = (&views[..], &arguments[..])
        && let Json::String(pattern) = &**pattern
        && matches!(&answer, Ok(found) if *found != false && *found != "")
    {
        value.record_matches(pattern);
    }
    answer
        .map(value_of)
        .map_err(|message| ExecutionError::function_error(function.name, message))
}

/// The arguments of a call that are values of the document, the receiver first.
fn views<'a>(context: &'a FunctionContext<'_, '_>) -> Vec<&'a View> {
    let values = context.this.iter().chain(&context.args);
    values
        .filter_map(|value| value.downcast_ref::<View>())
        .collect()
}

fn has(context: &FunctionContext<'_, '_>) -> Result<bool, ExecutionError> {
    let (Some(object), Some(key)) = (context.args.first(), context.args.get(1)) else {
        return Err(ExecutionError::missing_argument_or_target());
    };
    let key = key
        .downcast_ref::<CelString<'_>>()
        .map_or("", |key| key.inner());
    match object.downcast_ref::<View>() {
        Some(view) => view.has(key),
        None => Err(ExecutionError::UnexpectedType {
            got: object.get_type().name().to_owned(),
            want: "an object of the evidence".to_owned(),
        }),
    }
}

fn value_of(json: Json) -> Value {
    match json {
        Json::Bool(value) => value.into(),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => integer.into(),
            None => number.as_f64().unwrap_or(f64::MAX).into(),
        },
        Json::String(text) => text.into(),
        Json::Array(elements) => elements
            .into_iter()
            .map(value_of)
            .collect::<Vec<_>>()
            .into(),
        Json::Null | Json::Object(_) => Value::Null,
    }
}

/// Where an expression is nested too deeply, strings aside.
fn too_deep(source: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut signs = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (offset, c) in source.char_indices() {
        if let Some(open) = quote {
            (quote, escaped) = match c {
                _ if escaped => (quote, false),
                '\\' => (quote, true),
                _ if c == open => (None, false),
                _ => (quote, false),
            };
            continue;
        }
        signs = match c {
            '!' | '-' => signs + 1,
            _ if c.is_whitespace() => signs,
            _ => 0,
        };
        match c {
            '"' | '\'' => quote = Some(c),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST || signs > DEEPEST {
            return Some(offset);
        }
    }
    None
}

fn syntax_error(source: &str, errors: &ParseErrors) -> SyntaxError {
    let Some(first) = errors.errors.first() else {
        let message = "it cannot be read".to_owned();
        return SyntaxError { message, offset: 0 };
    };
    let (line, column) = first.pos;
    let line = usize::try_from(line - 1).unwrap_or(0);
    let before: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
    let offset = (before + usize::try_from(column - 1).unwrap_or(0)).min(source.len());
    let message = first.msg.clone();
    SyntaxError { message, offset }
}

/// Replaces `has(a.b)` by a call of [`HAS`], everywhere.
fn replace_has(expression: &mut IdedExpr) {
    match &mut expression.expr {
        Expr::Call(call) => {
            call.target
                .iter_mut()
                .for_each(|target| replace_has(target));
            call.args.iter_mut().for_each(replace_has);
        }
        Expr::Comprehension(comprehension) => {
            let parts = &mut **comprehension;
            for part in [
                &mut parts.iter_range,
                &mut parts.accu_init,
                &mut parts.loop_cond,
                &mut parts.loop_step,
                &mut parts.result,
            ] {
                replace_has(part);
            }
        }
        Expr::List(list) => list.elements.iter_mut().for_each(replace_has),
        Expr::Map(map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    replace_has(&mut entry.key);
                    replace_has(&mut entry.value);
                }
            }
        }
        Expr::Select(select) => {
            replace_has(&mut select.operand);
            if select.test {
                let field = LiteralValue::String(CelString::from(select.field.clone()));
                let field = IdedExpr {
                    id: expression.id,
                    expr: Expr::Literal(field),
                };
                let operand = std::mem::take(&mut *select.operand);
                expression.expr = Expr::Call(CallExpr {
                    func_name: HAS.to_owned(),
                    target: None,
                    args: vec![operand, field],
                });
            }
        }
        Expr::Ident(_) | Expr::Literal(_) | Expr::Struct(_) | Expr::Unspecified => {}
    }
}

#[cfg(test)]
mod tests;
