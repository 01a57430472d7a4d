//! Whether a certificate is valid for a host.

use serde_json::Value as Json;

use super::text;
use crate::evidence::names_host;

/// See [`names_host`].
pub(super) fn names(arguments: &[Json]) -> Result<Json, String> {
    let (certificate, host) = (&arguments[0], text(&arguments[1])?);
    if !certificate.is_object() {
        return Err("names is asked of something that is no certificate".to_owned());
    }
    let entries = |key: &str| {
        let entries = certificate[key].as_array().map_or(&[][..], Vec::as_slice);
        let entries = entries.iter().filter_map(Json::as_str);
        entries.map(str::to_owned).collect::<Vec<_>>()
    };
    let (dns_names, ip_addresses) = (entries("dns_names"), entries("ip_addresses"));
    let common_name = certificate["common_name"].as_str();
    Ok(names_host(&dns_names, &ip_addresses, common_name, host).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_certificate_is_read_as_far_as_it_is_there() {
        let certificate = json!({ "common_name": "b.example.org", "dns_names": [] });
        let named = |host: &str| names(&[certificate.clone(), json!(host)]).unwrap();
        assert_eq!(named("b.example.org"), json!(true));
        assert_eq!(named("10.0.0.5"), json!(false));
        assert!(names(&[json!("text"), json!("b")]).is_err());
    }
}
