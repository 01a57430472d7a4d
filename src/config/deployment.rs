//! The forms in which people name a deployment.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

/// What a text names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DeploymentName {
    /// 32 hexadecimal digits: a deployment, or its Elasticsearch resource. The two look alike.
    Id(String),
    /// Its Elasticsearch resource, out of a Cloud ID or an endpoint.
    Elasticsearch(String),
}

impl DeploymentName {
    /// Reads a deployment id, a cluster ID, a Cloud ID (`name:BASE64`), an endpoint or a page of the
    /// console.
    ///
    /// # Errors
    ///
    /// Says what the text is instead, in words that end a sentence.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if is_id(text) {
            return Ok(Self::Id(text.to_owned()));
        }
        if let Ok(url) = Url::parse(text)
            && let Some(host) = url.host_str()
        {
            return Self::of_url(&url, host);
        }
        if let Some((_, encoded)) = text.rsplit_once(':')
            && let Some(id) = of_cloud_id(encoded)
        {
            return Ok(Self::Elasticsearch(id));
        }
        let host = text.rsplit_once(':').map_or(text, |(host, _)| host);
        match host.split_once('.') {
            Some((first, _)) if is_id(first) => Ok(Self::Elasticsearch(first.to_owned())),
            _ if text.chars().all(|it| it.is_ascii_digit()) => Err("it is an organisation ID"),
            _ if text.len() == 22 && text.bytes().all(is_base64_url) => {
                Err("it is the UUID of a cluster, which the control plane does not know")
            }
            _ => Err("it is none of the known forms"),
        }
    }

    fn of_url(url: &Url, host: &str) -> Result<Self, &'static str> {
        let first = host.split('.').next().unwrap_or_default();
        if is_id(first) {
            return Ok(Self::Elasticsearch(first.to_owned()));
        }
        let mut segments = url.path_segments().into_iter().flatten();
        segments
            .find(|it| is_id(it))
            .map(|it| Self::Id(it.to_owned()))
            .ok_or("this URL names no deployment")
    }

    /// The digits.
    pub fn digits(&self) -> &str {
        match self {
            Self::Id(id) | Self::Elasticsearch(id) => id,
        }
    }
}

/// The Elasticsearch resource in a Cloud ID: `host[:port]$elasticsearch$kibana`.
fn of_cloud_id(encoded: &str) -> Option<String> {
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let id = decoded.split('$').nth(1)?;
    let id = id.split(':').next()?;
    is_id(id).then(|| id.to_owned())
}

fn is_id(text: &str) -> bool {
    text.len() == 32
        && text
            .bytes()
            .all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_base64_url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const ELASTICSEARCH: &str = "9b2c80e3248b40f78d3014f54e642c9b";
    const DEPLOYMENT: &str = "61042f21dbfb4a2c87627998bded9e04";

    #[test]
    fn every_form_names_its_deployment() {
        let cloud_id = STANDARD.encode(format!(
            "eu-west-1.aws.found.io:443${ELASTICSEARCH}$3e813262a07a4c39b6c43209adef5ce5"
        ));
        for text in [
            format!("prod:{cloud_id}"),
            format!("{ELASTICSEARCH}.eu-west-1.aws.found.io"),
            format!("{ELASTICSEARCH}.eu-west-1.aws.found.io:9443"),
            format!("https://{ELASTICSEARCH}.eu-west-1.aws.found.io:443/"),
        ] {
            assert_eq!(
                DeploymentName::parse(&text),
                Ok(DeploymentName::Elasticsearch(ELASTICSEARCH.into())),
                "{text}"
            );
        }
        for text in [
            DEPLOYMENT.to_owned(),
            format!("https://cloud.elastic.co/deployments/{DEPLOYMENT}/security"),
        ] {
            assert_eq!(
                DeploymentName::parse(&text),
                Ok(DeploymentName::Id(DEPLOYMENT.into())),
                "{text}"
            );
        }
    }

    #[test]
    fn other_ids_are_told() {
        for (text, says) in [
            ("1053523734", "organisation ID"),
            ("2cTHeCQYS2a0iH7YnQHrIQ", "UUID of a cluster"),
            ("my-deployment", "none of the known forms"),
            ("https://cloud.elastic.co/home", "names no deployment"),
        ] {
            let problem = DeploymentName::parse(text).unwrap_err();
            assert!(problem.contains(says), "{text}: {problem}");
        }
    }
}
