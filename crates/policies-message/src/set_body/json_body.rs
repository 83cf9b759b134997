//! JSON as templates see it: a dictionary for an object, a list for an array.

use dotformat::{DateTime, DateTimeKind, DateTimeOffset, TimeSpan};
use json::{DateKind, Formatting, JToken, JTokenType, Load};
use liquid::{Object, Value};

/// Reads a body.
pub(super) fn read(text: &str, dates: bool) -> Result<JToken, String> {
    JToken::parse_with(text, Load { dates, ..Load::default() }).map_err(|error| error.to_string())
}

/// A token; `printed` says whether an object prints as JSON or, as a dictionary does, pair by pair.
pub(super) fn value<'a>(token: &JToken, printed: bool) -> Value<'a> {
    match token.kind() {
        JTokenType::Array => Value::list(token.children().iter().map(|item| value(item, printed)).collect()),
        JTokenType::Property => token.property_value().map_or(Value::Nil, |token| value(&token, printed)),
        JTokenType::Object | JTokenType::Constructor => Value::object(Json { token: token.clone(), printed }),
        _ => token.as_value().map_or(Value::Nil, |content| leaf(&content)),
    }
}

fn leaf<'a>(content: &json::Value) -> Value<'a> {
    match content {
        json::Value::Null | json::Value::Undefined | json::Value::NullString | json::Value::Comment(_) => Value::Nil,
        json::Value::Boolean(value) => Value::Bool(*value),
        json::Value::Integer(value) => Value::Int(*value),
        json::Value::Float(value) => Value::Double(*value),
        json::Value::Single(value) => Value::Double(f64::from(*value)),
        json::Value::Decimal(value) => Value::Decimal(*value),
        json::Value::Date(date) => date_time(*date),
        json::Value::DateOffset(date) => {
            let clock = DateTime::from_ticks(date.ticks, DateTimeKind::Unspecified);
            let offset = TimeSpan::from_minutes(f64::from(date.offset));
            let instant = clock.and_then(|clock| DateTimeOffset::new(clock, offset?));
            instant.map_or(Value::Nil, Value::DateOffset)
        }
        other => Value::str(other.display().as_str()),
    }
}

pub(super) fn date_time<'a>(date: json::DateTime) -> Value<'a> {
    let kind = match date.kind {
        DateKind::Unspecified => DateTimeKind::Unspecified,
        DateKind::Utc => DateTimeKind::Utc,
        DateKind::Local => DateTimeKind::Local,
    };
    DateTime::from_ticks(date.ticks, kind).map_or(Value::Nil, Value::Date)
}

struct Json {
    token: JToken,
    printed: bool,
}

impl<'a> Object<'a> for Json {
    fn member(&self, name: &str) -> Option<Value<'a>> {
        let found = self.token.get(name).or_else(|| {
            let properties = self.token.children().into_iter();
            let named = |property: &JToken| property.name().is_some_and(|known| known.eq_ignore_ascii_case(name));
            properties.filter(named).find_map(|property| property.property_value())
        })?;
        Some(value(&found, self.printed))
    }

    fn items(&self) -> Option<Vec<Value<'a>>> {
        let pair = |property: &JToken| {
            let name = property.name().unwrap_or_else(|| "".into());
            Value::pair(name.as_str(), value(property, self.printed))
        };
        Some(self.token.children().iter().map(pair).collect())
    }

    fn text(&self) -> Option<String> {
        self.printed.then(|| self.token.to_json(Formatting::Indented))
    }
}
