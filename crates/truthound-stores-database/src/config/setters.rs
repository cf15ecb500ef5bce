//! The setters that the store's settings, and the pool's in short and in full, have in common.

/// Sets the size of the pool.
macro_rules! size_setters {
    () => {
        /// Sets how many connections are kept.
        #[must_use]
        pub fn with_pool_size(mut self, connections: u32) -> Self {
            self.pool_size = Some(connections);
            self
        }

        /// Sets how many connections there may be beyond those that are kept.
        #[must_use]
        pub fn with_max_overflow(mut self, connections: u32) -> Self {
            self.max_overflow = Some(connections);
            self
        }
    };
}

/// Sets the size of the pool, and how its connections are used.
macro_rules! pool_setters {
    () => {
        crate::config::setters::size_setters!();

        /// Sets how long a call waits for a connection, in seconds.
        #[must_use]
        pub fn with_pool_timeout(mut self, seconds: f64) -> Self {
            self.pool_timeout = Some(seconds);
            self
        }

        /// Sets how old a connection may become, in seconds.
        #[must_use]
        pub fn with_pool_recycle(mut self, seconds: i64) -> Self {
            self.pool_recycle = Some(seconds);
            self
        }

        /// Sets whether a connection is asked whether it works before it is used.
        #[must_use]
        pub fn with_pool_pre_ping(mut self, pre_ping: bool) -> Self {
            self.pool_pre_ping = Some(pre_ping);
            self
        }
    };
}

pub(super) use {pool_setters, size_setters};
