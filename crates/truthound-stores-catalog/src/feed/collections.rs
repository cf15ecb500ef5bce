//! The feeds of several collections as one: each has a catalog of its own, and one token tells of all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truthound_stores_core::{ChangePage, ChangeToken, Error, ErrorKind, Result};

use super::Token;
use crate::query::Index;

/// The layout of tokens.
const VERSION: u32 = 1;

/// Where a follower is in the feed of each collection, as text.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Places {
    v: u32,
    /// The collection that the next page begins with: one that is always busy does not keep out the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    turn: Option<String>,
    of: BTreeMap<String, String>,
}

/// Reads the changes of several collections after a token, at most `limit` of all. A collection that the token does not know is new, and
/// all its changes are.
///
/// # Errors
/// `Invalid` for a limit of 0 or a token that is none; as for [`Index::changes`].
pub(crate) async fn changes_of(
    indexes: &[&Index],
    after: Option<&ChangeToken>,
    limit: usize,
) -> Result<ChangePage> {
    if limit == 0 {
        return Err(Error::invalid(
            "a page of the change feed of no changes would never end: the limit is 1 or more",
        ));
    }
    let Some(after) = after else { return begin(indexes).await };
    let places = read(after)?;
    let first = indexes.iter().position(|index| places.turn.as_deref() == Some(index.collection().as_str()));
    let (late, early) = indexes.split_at_checked(first.unwrap_or(0)).unwrap_or((&[], indexes));
    let (mut changes, mut of, mut turn) = (Vec::new(), BTreeMap::new(), None);
    for index in early.iter().chain(late) {
        let name = index.collection().as_str();
        let token = places.of.get(name).map_or_else(|| Ok(Token::start()), |text| text.parse())?;
        let room = limit - changes.len();
        if room == 0 {
            turn.get_or_insert_with(|| name.to_owned());
            // One that nothing is known of is new the next time, too.
            of.extend(places.of.get(name).map(|text| (name.to_owned(), text.clone())));
            continue;
        }
        let page = index.changes(Some(&token), room).await?;
        if page.reset {
            return begin(indexes).await;
        }
        changes.extend(page.all);
        of.insert(name.to_owned(), page.next.to_string());
    }
    Ok(ChangePage::new(changes, write(&Places { v: VERSION, turn, of })?))
}

/// Marks this moment in all collections.
async fn begin(indexes: &[&Index]) -> Result<ChangePage> {
    let mut of = BTreeMap::new();
    for index in indexes {
        of.insert(index.collection().as_str().to_owned(), index.changes(None, 1).await?.next.to_string());
    }
    Ok(ChangePage::reset(write(&Places { v: VERSION, turn: None, of })?))
}

fn read(token: &ChangeToken) -> Result<Places> {
    let places: Places = serde_json::from_str(token.as_str())
        .map_err(|cause| Error::invalid("the token is none of the change feed").caused_by(cause))?;
    if places.v == VERSION {
        return Ok(places);
    }
    Err(Error::invalid("the token is one of a later program: begin again without a token"))
}

fn write(places: &Places) -> Result<ChangeToken> {
    let text = serde_json::to_string(places).map_err(|cause| {
        Error::new(ErrorKind::Internal, "a token of the change feed cannot be written").caused_by(cause)
    })?;
    Ok(ChangeToken::new(text))
}
