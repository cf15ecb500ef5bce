//! The stack machine that reads pickles. It builds plain data in an arena, and nothing else.

mod scalar;
mod stack;

use std::collections::HashMap;

use super::input::Input;
use super::opcode::{self as op, Refused};
use crate::codec::Limits;
use crate::json::MAX_DEPTH;
use crate::{Error, Result};

/// Holds a value of the machine; containers are in the arena.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A number by its text.
    Number(&'a str),
    /// A number whose text is in the arena.
    Big(usize),
    /// UTF-8 in which lone surrogates may stand.
    Text(&'a [u8]),
    /// The same, in the arena.
    OwnText(usize),
    Container(usize),
}

/// Holds what a container of the arena contains.
#[derive(Debug)]
pub(super) enum Container<'a> {
    List(Vec<Value<'a>>),
    Tuple(Vec<Value<'a>>),
    Dict(Vec<(Value<'a>, Value<'a>)>),
}

/// Owns what the values of a pickle refer to.
#[derive(Debug, Default)]
pub(super) struct Arena<'a> {
    pub(super) containers: Vec<Container<'a>>,
    pub(super) texts: Vec<Vec<u8>>,
}

pub(super) struct Machine<'a, 'l> {
    input: Input<'a>,
    limits: &'l Limits,
    arena: Arena<'a>,
    stack: Vec<Value<'a>>,
    /// Heights of the stack at the marks.
    marks: Vec<usize>,
    memo: HashMap<usize, Value<'a>>,
    pushes: usize,
    own_bytes: usize,
    /// The text that was pushed and popped right before: the true text of the number that follows.
    popped_text: Option<&'a [u8]>,
}

impl<'a, 'l> Machine<'a, 'l> {
    pub(super) fn new(bytes: &'a [u8], limits: &'l Limits) -> Self {
        Self {
            input: Input::new(bytes),
            limits,
            arena: Arena::default(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
            pushes: 0,
            own_bytes: 0,
            popped_text: None,
        }
    }

    /// Runs to the end, and returns the one value that is left.
    pub(super) fn run(mut self) -> Result<(Arena<'a>, Value<'a>)> {
        let mut before = op::STOP;
        loop {
            let at = self.input.offset();
            let opcode = self.input.u8()?;
            if opcode == op::STOP {
                break;
            }
            let popped_text = self.popped_text.take();
            if opcode == op::POP && matches!(before, op::SHORT_BINUNICODE | op::BINUNICODE) {
                self.popped_text = match self.pop()? {
                    Value::Text(text) => Some(text),
                    _ => None,
                };
            } else {
                self.step(opcode, at, popped_text)?;
            }
            before = opcode;
        }
        if !self.input.rest().is_empty() {
            return Err(Error::corrupt("trailing bytes after the pickle"));
        }
        let top = self.pop()?;
        if !self.stack.is_empty() || !self.marks.is_empty() {
            return Err(Error::corrupt("the pickle ends with values left over"));
        }
        Ok((self.arena, top))
    }

    fn step(&mut self, opcode: u8, at: usize, popped_text: Option<&'a [u8]>) -> Result<()> {
        match opcode {
            op::PROTO => self.protocol(),
            op::FRAME => self.frame(),
            op::MARK => self.mark(),
            op::POP => self.pop_or_unmark(),
            op::POP_MARK => self.pop_to_mark().map(drop),
            op::DUP => self.duplicate(),
            op::NONE => self.push(Value::None),
            op::NEWTRUE => self.push(Value::Bool(true)),
            op::NEWFALSE => self.push(Value::Bool(false)),
            op::INT
            | op::BININT
            | op::BININT1
            | op::BININT2
            | op::LONG
            | op::LONG1
            | op::LONG4
            | op::FLOAT
            | op::BINFLOAT => {
                let value = self.number(opcode, at)?;
                self.push_number(value, popped_text)
            }
            op::STRING
            | op::BINSTRING
            | op::SHORT_BINSTRING
            | op::UNICODE
            | op::BINUNICODE
            | op::SHORT_BINUNICODE
            | op::BINUNICODE8 => {
                let value = self.text(opcode, at)?;
                self.push(value)
            }
            op::EMPTY_LIST => self.push_container(Container::List(Vec::new())),
            op::EMPTY_DICT => self.push_container(Container::Dict(Vec::new())),
            op::EMPTY_TUPLE => self.push_container(Container::Tuple(Vec::new())),
            op::LIST => {
                let items = self.pop_to_mark()?;
                self.push_container(Container::List(items))
            }
            op::TUPLE => {
                let items = self.pop_to_mark()?;
                self.push_container(Container::Tuple(items))
            }
            op::TUPLE1 => self.tuple(1),
            op::TUPLE2 => self.tuple(2),
            op::TUPLE3 => self.tuple(3),
            op::DICT => {
                let items = pairs(&self.pop_to_mark()?)?;
                self.push_container(Container::Dict(items))
            }
            op::APPEND => {
                let item = self.pop()?;
                self.top_list()?.push(item);
                Ok(())
            }
            op::APPENDS => {
                let items = self.pop_to_mark()?;
                self.top_list()?.extend(items);
                Ok(())
            }
            op::SETITEM => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.top_dict()?.push((key, value));
                Ok(())
            }
            op::SETITEMS => {
                let items = pairs(&self.pop_to_mark()?)?;
                self.top_dict()?.extend(items);
                Ok(())
            }
            op::PUT | op::BINPUT | op::LONG_BINPUT | op::MEMOIZE => self.memoize(opcode),
            op::GET | op::BINGET | op::LONG_BINGET => self.recall(opcode),
            other => Err(self.refuse(other, at)),
        }
    }

    fn protocol(&mut self) -> Result<()> {
        match self.input.u8()? {
            0..=5 => Ok(()),
            other => Err(Error::corrupt(format!("the pickle's protocol {other} is unknown"))),
        }
    }

    fn frame(&mut self) -> Result<()> {
        if self.input.long_length()? > self.input.rest().len() {
            return Err(Error::corrupt("truncated pickle"));
        }
        Ok(())
    }

    /// Explains why an opcode is not carried out, and what it would have done.
    fn refuse(&mut self, opcode: u8, at: usize) -> Error {
        let name = match op::refused(opcode) {
            Some(Refused::Code(name)) => name,
            Some(Refused::Data(what)) => {
                return Error::corrupt(format!(
                    "the pickle holds {what} (byte {at}), which has no form in JSON"
                ));
            }
            None => {
                return Error::corrupt(format!("unknown pickle opcode 0x{opcode:02x} at byte {at}"));
            }
        };
        let target = self.target(opcode).map_or_else(
            || "something".to_owned(),
            |target| format!("`{}`", target.escape_debug().take(120).collect::<String>()),
        );
        Error::corrupt(format!(
            "the pickle would import or call {target} (opcode {name} at byte {at}): refused"
        ))
    }

    /// Returns what an opcode is about to import, where it says so.
    fn target(&mut self, opcode: u8) -> Option<String> {
        let (module, name) = match opcode {
            op::GLOBAL | op::INST => (self.input.line().ok()?, self.input.line().ok()?),
            op::STACK_GLOBAL => {
                let name = self.pop().ok()?;
                let module = self.pop().ok()?;
                match (module, name) {
                    (Value::Text(module), Value::Text(name)) => (module, name),
                    _ => return None,
                }
            }
            op::PERSID => return Some(String::from_utf8_lossy(self.input.line().ok()?).into_owned()),
            _ => return None,
        };
        Some(format!("{}.{}", String::from_utf8_lossy(module), String::from_utf8_lossy(name)))
    }
}

fn pairs<'a>(items: &[Value<'a>]) -> Result<Vec<(Value<'a>, Value<'a>)>> {
    let (pairs, rest) = items.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(Error::corrupt("the pickle has a key without a value"));
    }
    Ok(pairs.iter().map(|[key, value]| (*key, *value)).collect())
}

pub(super) fn too_deep() -> Error {
    Error::corrupt(format!("the pickle is nested deeper than {MAX_DEPTH} levels, or contains itself"))
}

/// Cuts a text for a message.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
