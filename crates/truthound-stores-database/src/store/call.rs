//! How a call is made: attempts, each with a connection, until one is the last.

/// Makes a call named `$operation`: `$kind` is `call` or `write`, `$work` the future that an attempt with `$lease` is.
macro_rules! call {
    ($store:expr, $kind:ident, $operation:literal, $lease:ident => $work:expr) => {
        crate::store::in_turn!($store, $kind, $operation, _call, $lease => $work)
    };
}

/// Makes a call as `call!` does; `$call` tells `$work` what became of earlier attempts.
macro_rules! in_turn {
    ($store:expr, $kind:ident, $operation:literal, $call:ident, $lease:ident => $work:expr) => {{
        let outcome = async {
            $store.refuse_if_closed()?;
            let mut call = $store.guard().$kind();
            loop {
                let mut attempt = call.attempt().await?;
                let outcome = {
                    let $lease = &mut attempt.lease;
                    let $call = &call;
                    $work.await
                };
                match call.settle(attempt, outcome).await {
                    crate::guard::Next::Done(outcome) => break outcome,
                    crate::guard::Next::Again => {}
                }
            }
        };
        outcome.await.map_err(|error: truthound_stores_core::Error| error.during($operation))
    }};
}

pub(crate) use {call, in_turn};
