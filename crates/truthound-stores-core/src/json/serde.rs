//! Documents and serde: both ways, and to and from `serde_json`'s values.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::{Json, Number, Object};

impl Serialize for Json {
    /// Numbers go as `i64`, `u64` or the nearest `f64`: their text is lost.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => match classify(number) {
                Class::Signed(value) => serializer.serialize_i64(value),
                Class::Unsigned(value) => serializer.serialize_u64(value),
                Class::Float(value) => serializer.serialize_f64(value),
            },
            Self::String(value) => serializer.serialize_str(value),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(members) => members.serialize(serializer),
        }
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_map(JsonVisitor)? {
            Json::Object(members) => Ok(members),
            _ => Err(D::Error::custom("expected an object")),
        }
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_none<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        Json::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(Number::from_float(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Object::new();
        while let Some((name, value)) = members.next_entry::<String, Json>()? {
            object.set(name, value);
        }
        Ok(Json::Object(object))
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(number) => Self::Number(from_serde(&number)),
            Value::String(value) => Self::String(value),
            Value::Array(items) => Self::Array(items.into_iter().map(Self::from).collect()),
            Value::Object(members) => {
                let members = members.into_iter().map(|(name, value)| (name, value.into()));
                Self::Object(members.collect())
            }
        }
    }
}

impl From<&Json> for Value {
    /// Numbers become `i64`, `u64` or the nearest `f64`; null if that is not finite.
    fn from(value: &Json) -> Self {
        match value {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => match classify(number) {
                Class::Signed(value) => value.into(),
                Class::Unsigned(value) => value.into(),
                Class::Float(value) => value.into(),
            },
            Json::String(value) => Self::String(value.clone()),
            Json::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Json::Object(members) => {
                let members = members.iter().map(|(name, value)| (name.to_owned(), value.into()));
                Self::Object(members.collect())
            }
        }
    }
}

/// The type of Rust that stands for a number elsewhere.
enum Class {
    Signed(i64),
    Unsigned(u64),
    Float(f64),
}

/// Picks an integer only for what is written as one: `3.0` stays a float, and so does `-0`.
fn classify(number: &Number) -> Class {
    if number.is_integer() && number.as_str() != "-0" {
        if let Some(value) = number.as_i64() {
            return Class::Signed(value);
        }
        if let Some(value) = number.as_u64() {
            return Class::Unsigned(value);
        }
    }
    Class::Float(number.as_f64())
}

fn from_serde(number: &serde_json::Number) -> Number {
    if let Some(value) = number.as_i64() {
        return value.into();
    }
    if let Some(value) = number.as_u64() {
        return value.into();
    }
    Number::from_float(number.as_f64().unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests;
