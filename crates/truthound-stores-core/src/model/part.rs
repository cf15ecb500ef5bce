//! Types that are objects in a document.

use super::misfit::Misfit;
use crate::json::Json;

/// A type that is one object in a document.
pub(super) trait Part: Sized {
    fn read(json: Json) -> Result<Self, Misfit>;
    fn write(&self) -> Result<Json, Misfit>;
}

/// Gives parts of documents serde's traits, by way of [`Json`].
macro_rules! serde_by_json {
    ($($part:ty),+) => {$(
        impl serde::Serialize for $part {
            /// Goes by way of [`Json`](crate::json::Json): the texts of odd numbers are lost.
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let json = $crate::model::part::Part::write(self).map_err($crate::Error::from);
                serde::Serialize::serialize(&json.map_err(serde::ser::Error::custom)?, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $part {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let json = <$crate::json::Json as serde::Deserialize>::deserialize(deserializer)?;
                let part = <Self as $crate::model::part::Part>::read(json).map_err($crate::Error::from);
                part.map_err(serde::de::Error::custom)
            }
        }
    )+};
}

pub(super) use serde_by_json;
