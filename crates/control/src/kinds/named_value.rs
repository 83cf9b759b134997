//! Named values: renaming one renames it wherever it is mentioned.

use arm::Result;
use policy_xml::placeholders;
use resources::Uses;
use serde_json::Value;
use store::{Batch, Precondition};

use crate::{
    Control,
    commit::{id_of, put, users_of},
    crud::Draft,
};

use super::policy;

/// Adds the new texts of everything that mentions the value by its old name.
pub(super) async fn prepare(control: &Control, draft: &mut Draft, batch: &mut Batch) -> Result<()> {
    let new = draft.text("displayName").to_owned();
    let old = draft.existing.as_ref().and_then(|existing| existing.properties()["displayName"].as_str());
    let old = old.filter(|old| !new.is_empty() && !old.eq_ignore_ascii_case(&new)).map(str::to_owned);
    if let Some(old) = old {
        for user in control.list(users_of(&draft.id, Uses::NamedValue.value(&draft.id, &old))).await? {
            let (id, Some(def)) = (id_of(&user)?, resources::def(&user.kind)) else { continue };
            let mut body = control.opened(def, &user)?;
            rename(&mut body["properties"], &old, &new);
            policy::check(control, &id, &body, Some(draft), batch).await?;
            let sealed = control.sealed(def, &id, body.clone())?;
            batch.writes.push(put(def, &id, &body, sealed).when(Precondition::Etag(user.etag)).into());
        }
    }
    policy::check_users(control, draft, batch).await
}

/// Writes `{{new}}` for `{{old}}`, whatever its case and the blanks in it, in every text of `value`.
fn rename(value: &mut Value, old: &str, new: &str) {
    match value {
        Value::String(text) => {
            let mut renamed = String::with_capacity(text.len());
            let mut from = 0;
            for found in placeholders(text).filter(|found| found.name.eq_ignore_ascii_case(old)) {
                renamed.push_str(text.get(from..found.range.start).unwrap_or_default());
                renamed.push_str(&format!("{{{{{new}}}}}"));
                from = found.range.end;
            }
            renamed.push_str(text.get(from..).unwrap_or_default());
            *text = renamed;
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, old, new)),
        Value::Object(fields) => fields.values_mut().for_each(|field| rename(field, old, new)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_name_itself_is_replaced() {
        let mut value = json!({ "a": ["{{Old}}-{{ old }}-{{older}}-{{", "old", "$\"{{{old}}}\" {{ a | b }} {{old}}"] });
        rename(&mut value, "old", "new");
        assert_eq!(
            value,
            json!({ "a": ["{{new}}-{{new}}-{{older}}-{{", "old", "$\"{{{new}}}\" {{ a | b }} {{new}}"] })
        );
    }
}
