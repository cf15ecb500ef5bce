//! How the values of documents become Rust values, and back.

use super::misfit::Misfit;
use crate::Status;
use crate::json::{Json, Number, Object, python_float};

/// A type that a member of a document may have.
pub(super) trait Field: Sized {
    /// Reads what `json` most likely means; `default` stands for what means nothing.
    ///
    /// Returns `json` too where writing the value would not give it back.
    fn read(json: Json, default: Self) -> (Self, Option<Json>);

    /// Writes the value.
    fn write(&self) -> Result<Json, Misfit>;

    /// Tells whether nothing was changed; floats are the same if all their bits are.
    fn same(&self, other: &Self) -> bool;
}

impl Field for String {
    fn read(json: Json, default: Self) -> (Self, Option<Json>) {
        match json {
            Json::String(text) => (text, None),
            Json::Null => (default, Some(Json::Null)),
            other => (other.to_string(), Some(other)),
        }
    }

    fn write(&self) -> Result<Json, Misfit> {
        Ok(self.as_str().into())
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

impl Field for Status {
    fn read(json: Json, default: Self) -> (Self, Option<Json>) {
        let (word, odd) = String::read(json, default.as_str().to_owned());
        let status = Self::from(word.as_str());
        // "failed" is read as "failure".
        let odd = odd.or_else(|| (status.as_str() != word).then(|| word.into()));
        (status, odd)
    }

    fn write(&self) -> Result<Json, Misfit> {
        Ok(self.as_str().into())
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

/// Null stands for `None`, both ways.
impl<F: Field + Default> Field for Option<F> {
    fn read(json: Json, _default: Self) -> (Self, Option<Json>) {
        if json.is_null() {
            return (None, None);
        }
        let (value, odd) = F::read(json, F::default());
        (Some(value), odd)
    }

    fn write(&self) -> Result<Json, Misfit> {
        self.as_ref().map_or(Ok(Json::Null), F::write)
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(one), Some(other)) => one.same(other),
            (one, other) => one.is_none() && other.is_none(),
        }
    }
}

/// Anything is true or false, as Python's `bool()` says.
impl Field for bool {
    fn read(json: Json, _default: Self) -> (Self, Option<Json>) {
        let truth = match &json {
            Json::Bool(value) => return (*value, None),
            Json::Null => false,
            Json::Number(number) => number.as_f64() != 0.0,
            Json::String(text) => !text.is_empty(),
            Json::Array(items) => !items.is_empty(),
            Json::Object(members) => !members.is_empty(),
        };
        (truth, Some(json))
    }

    fn write(&self) -> Result<Json, Misfit> {
        Ok((*self).into())
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

/// Fractions are cut off; what is negative, or no number, counts as [`describe()`](crate::describe()) has it.
impl Field for u64 {
    fn read(json: Json, default: Self) -> (Self, Option<Json>) {
        let Json::Number(number) = &json else { return (default, Some(json)) };
        let count = whole(number);
        let odd = number.as_str() != count.to_string();
        (count, odd.then_some(json))
    }

    fn write(&self) -> Result<Json, Misfit> {
        Ok((*self).into())
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, and 0 stands for NaN"
)]
fn whole(number: &Number) -> u64 {
    number.as_u64().unwrap_or_else(|| number.as_f64() as u64)
}

impl Field for f64 {
    fn read(json: Json, default: Self) -> (Self, Option<Json>) {
        let Json::Number(number) = &json else { return (default, Some(json)) };
        let value = number.as_f64();
        let odd = !value.is_finite() || python_float(value) != number.as_str();
        (value, odd.then_some(json))
    }

    fn write(&self) -> Result<Json, Misfit> {
        Json::try_from(*self).map_err(|cause| {
            Misfit::new(format!("is {}: it must be finite", python_float(*self))).caused_by(cause)
        })
    }

    fn same(&self, other: &Self) -> bool {
        self.to_bits() == other.to_bits()
    }
}

impl Field for Object {
    fn read(json: Json, default: Self) -> (Self, Option<Json>) {
        match json {
            Json::Object(members) => (members, None),
            other => (default, Some(other)),
        }
    }

    fn write(&self) -> Result<Json, Misfit> {
        Ok(self.clone().into())
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

#[cfg(test)]
mod tests;
