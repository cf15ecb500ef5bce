//! What the three drivers have in common: statements run the same way.

/// Runs statements by a driver: `$db` is its marker, `$bind` gives a value to a query, `$cells` takes a row apart, going by what `$kinds` keeps of
/// the rows before.
macro_rules! run_statements {
    ($dialect:expr, $bind:path, $kinds:ty, $cells:path) => {
        pub(crate) async fn fetch_with<T: Send>(
            &mut self,
            sql: $crate::sql::Sql<'_>,
            mut read: impl FnMut(&mut $crate::conn::Row<'_>) -> T + Send,
        ) -> Result<Vec<T>, $crate::error::Failed> {
            let (text, values, persistent) = sql.into_parts();
            let mut query = sqlx::query($crate::conn::text_of(text)).persistent(persistent);
            for value in values {
                query = $bind(query, value);
            }
            let mut rows = query.fetch(&mut self.inner);
            let (mut cells, mut found, mut odd) = (Vec::new(), Vec::new(), None);
            let mut kinds = <$kinds>::default();
            loop {
                // Read as they come: the database is still at work on the next ones.
                match futures_util::TryStreamExt::try_next(&mut rows).await {
                    Ok(Some(_)) if odd.is_some() => {}
                    Ok(Some(next)) => {
                        let mut room = cells;
                        let taken = $cells(&next, &mut kinds, &mut room);
                        let mut row = $crate::conn::Row::new(room);
                        match taken {
                            Ok(()) => found.push(read(&mut row)),
                            // The others are taken from the connection all the same.
                            Err(cause) => odd = Some(cause),
                        }
                        cells = row.recycle();
                    }
                    Ok(None) => break,
                    Err(cause) => return Err($crate::conn::failed($dialect, cause)),
                }
            }
            match odd {
                None => Ok(found),
                Some(cause) => Err($crate::conn::failed($dialect, cause)),
            }
        }

        pub(crate) async fn execute(
            &mut self,
            sql: $crate::sql::Sql<'_>,
        ) -> Result<u64, $crate::error::Failed> {
            let (text, values, persistent) = sql.into_parts();
            let mut query = sqlx::query($crate::conn::text_of(text)).persistent(persistent);
            for value in values {
                query = $bind(query, value);
            }
            let done = query.execute(&mut self.inner).await;
            done.map(|done| done.rows_affected()).map_err(|cause| $crate::conn::failed($dialect, cause))
        }

        pub(crate) async fn simple(&mut self, text: &str) -> Result<(), $crate::error::Failed> {
            let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned()));
            let done = sql.execute(&mut self.inner).await;
            done.map(drop).map_err(|cause| $crate::conn::failed($dialect, cause))
        }

        pub(crate) async fn ping(&mut self) -> Result<(), $crate::error::Failed> {
            sqlx::Connection::ping(&mut self.inner)
                .await
                .map_err(|cause| $crate::conn::failed($dialect, cause))
        }

        pub(crate) async fn close(self) {
            // The server notices in any case.
            drop(sqlx::Connection::close(self.inner).await);
        }
    };
}
