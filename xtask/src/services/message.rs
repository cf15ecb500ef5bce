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
}

impl Message {
    /// Writes it as a line, without the end of the line.
    pub(crate) fn line(&self) -> String {
        match self {
            Self::Runs { service, version, url } => format!("runs\t{service}\t{version}\t{url}"),
            Self::Lacks { service, reason } => {
                let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
                format!("lacks\t{service}\t{reason}")
            }
            Self::End => "end".to_owned(),
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
            _ => Err(format!("{line:?} is no message of the keeper of servers")),
        }
    }
}

#[cfg(test)]
mod tests;
