//! What the keeper of servers says to the program that started it: one message a line.

use super::service::Service;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Message {
    /// A server answers at this address.
    Runs { service: Service, version: String, url: String },
    /// A server did not start.
    Lacks { service: Service, reason: String },
    /// That was all.
    End,
    /// What was asked for is done.
    Done,
    /// What was asked for could not be done.
    Failed { reason: String },
}

impl Message {
    /// Writes it as a line, without the end of the line.
    pub(crate) fn line(&self) -> String {
        match self {
            Self::Runs { service, version, url } => format!("runs\t{service}\t{version}\t{url}"),
            Self::Lacks { service, reason } => format!("lacks\t{service}\t{}", one_line(reason)),
            Self::End => "end".to_owned(),
            Self::Done => "done".to_owned(),
            Self::Failed { reason } => format!("failed\t{}", one_line(reason)),
        }
    }

    /// Reads a line.
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        let mut parts = line.splitn(4, '\t');
        let mut part =
            || parts.next().ok_or_else(|| format!("{line:?} is no message of the keeper of servers"));
        match part()? {
            "runs" => Ok(Self::Runs {
                service: Service::parse(part()?)?,
                version: part()?.to_owned(),
                url: part()?.to_owned(),
            }),
            "lacks" => Ok(Self::Lacks { service: Service::parse(part()?)?, reason: part()?.to_owned() }),
            "end" => Ok(Self::End),
            "done" => Ok(Self::Done),
            "failed" => Ok(Self::Failed { reason: part()?.to_owned() }),
            _ => Err(format!("{line:?} is no message of the keeper of servers")),
        }
    }
}

fn one_line(reason: &str) -> String {
    reason.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a program asks of the keeper of its servers, a line each: `kill NAME`, `stop NAME`, `start NAME`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// End it without giving it time for anything.
    Kill(Service),
    /// End it as its administrator would.
    Stop(Service),
    /// Start it again, at its port and on its data.
    Start(Service),
}

impl Wish {
    /// Reads a line.
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        match line.trim().split_once(' ') {
            Some(("kill", name)) => Ok(Self::Kill(Service::parse(name)?)),
            Some(("stop", name)) => Ok(Self::Stop(Service::parse(name)?)),
            Some(("start", name)) => Ok(Self::Start(Service::parse(name)?)),
            _ => Err(format!("what is {line:?}? Write kill, stop or start, and the name of a server")),
        }
    }
}

#[cfg(test)]
mod tests;
