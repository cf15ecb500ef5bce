//! What the three drivers have in common: statements run the same way.

/// Runs statements by a driver: `$db` is its marker, `$bind` gives a value to a query, `$cells` takes a row apart.
macro_rules! run_statements {
    ($dialect:expr, $bind:path, $cells:path) => {
        pub(crate) async fn fetch(
            &mut self,
            sql: $crate::sql::Sql,
        ) -> Result<Vec<$crate::conn::Row>, $crate::error::Failed> {
            let (text, values, persistent) = sql.into_parts();
            let mut query = sqlx::query(sqlx::AssertSqlSafe(text)).persistent(persistent);
            for value in values {
                query = $bind(query, value);
            }
            let rows = query.fetch_all(&mut self.inner).await;
            let rows = rows.map_err(|cause| $crate::conn::failed($dialect, cause))?;
            let mut found = Vec::with_capacity(rows.len());
            for row in rows {
                found.push($crate::conn::Row::new(
                    $cells(&row).map_err(|cause| $crate::conn::failed($dialect, cause))?,
                ));
            }
            Ok(found)
        }

        pub(crate) async fn execute(&mut self, sql: $crate::sql::Sql) -> Result<u64, $crate::error::Failed> {
            let (text, values, persistent) = sql.into_parts();
            let mut query = sqlx::query(sqlx::AssertSqlSafe(text)).persistent(persistent);
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
