//! A server that says nothing: whether it is at work, or gone without a word.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use truthound_stores_core::{Error, ErrorKind};

use super::Pool;
use crate::dialect::Dialect;
use crate::error::{Failed, Trouble};

/// How long a server may take for a statement before it is asked whether it is there. A machine that loses its power, or a network that loses a connection,
/// says no good-bye, and whoever waits for an answer sends nothing that would find out.
const SILENCE: Duration = Duration::from_secs(30);

impl Pool {
    /// Waits for a statement, as long as the server is there: it is asked from time to time, by another connection, and only if it does not answer that one
    /// either, the statement is given up.
    ///
    /// # Errors
    /// The statement's own; [`Trouble::Lost`] if it is given up.
    pub(super) async fn heard<T>(
        &self,
        dialect: Dialect,
        work: impl Future<Output = Result<T, Failed>> + Send,
    ) -> Result<T, Failed> {
        if dialect == Dialect::Sqlite {
            return work.await;
        }
        let mut work = pin!(work);
        loop {
            if let Either::Left((done, _)) = select(work.as_mut(), self.0.timer.sleep(SILENCE)).await {
                return done;
            }
            // Rare, and large.
            match select(work.as_mut(), Box::pin(self.is_there())).await {
                Either::Left((done, _)) => return done,
                Either::Right((true, _)) => self.tell("waited for"),
                Either::Right((false, _)) => return Err(gone(dialect)),
            }
        }
    }

    /// Asks by a connection of its own whether the server is there.
    async fn is_there(&self) -> bool {
        let asked = async {
            let mut connection = self.0.connector.connect().await?;
            let answered = connection.ping().await;
            connection.close().await;
            answered
        };
        match self.within(self.0.settings.patience, asked).await {
            Some(Ok(())) => true,
            // Whatever it says, be it that it has too many connections, there is somebody who says it.
            Some(Err(failed)) => failed.trouble != Trouble::Lost,
            None => false,
        }
    }
}

fn gone(dialect: Dialect) -> Failed {
    let message = format!(
        "{} has not answered for {SILENCE:?}, and does not answer another connection either: see whether the server and the network are there",
        dialect.name()
    );
    Failed::new(Trouble::Lost, Error::new(ErrorKind::Unavailable, message))
}
