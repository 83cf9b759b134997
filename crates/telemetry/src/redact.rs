//! Keeps secrets in query parameters out of logs.

use std::borrow::Cow;

use policy::redact::{MASK, is_secret_name};

/// A request target in which the values of credentials are replaced by `***`. `key` is the API's own key parameter.
pub fn redact<'a>(target: &'a str, key: &str) -> Cow<'a, str> {
    let Some((path, query)) = target.split_once('?') else { return Cow::Borrowed(target) };
    if !query.split('&').any(|pair| is_secret(pair, key)) {
        return Cow::Borrowed(target);
    }
    let mut text = String::with_capacity(target.len());
    text.push_str(path);
    for (at, pair) in query.split('&').enumerate() {
        text.push(if at == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((name, _)) if is_secret(pair, key) => {
                text.push_str(name);
                text.push('=');
                text.push_str(MASK);
            }
            _ => text.push_str(pair),
        }
    }
    Cow::Owned(text)
}

fn is_secret(pair: &str, key: &str) -> bool {
    let Some((name, _)) = pair.split_once('=') else { return false };
    // An encoded name is a way around this list, so it counts as a secret.
    name.contains('%') || (!key.is_empty() && name.eq_ignore_ascii_case(key)) || is_secret_name(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_names_stay_and_no_target_makes_it_panic(target in "(/|\\?|&|=|key|[a-z]|\\PC){0,20}") {
            let names = |text: &str| text.split('&').filter_map(|pair| Some(pair.split_once('=')?.0.to_owned())).collect::<Vec<_>>();
            prop_assert_eq!(names(&redact(&target, "")), names(&target));
        }
    }

    #[test]
    fn values_of_credentials_are_hidden() {
        assert_eq!(
            redact("/a?x=1&Subscription-Key=s3cret&my=2&%73ig=3&x-api-key=4", "MY"),
            "/a?x=1&Subscription-Key=***&my=***&%73ig=***&x-api-key=***"
        );
        assert!(matches!(redact("/a?x=1&flag", "my"), Cow::Borrowed("/a?x=1&flag")));
    }
}
