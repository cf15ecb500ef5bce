//! The stack machine that reads pickles. It builds plain data in an arena, and nothing else.

use std::collections::HashMap;

use super::input::Input;
use super::number::{self, MAX_DIGITS};
use super::opcode::{self as op, Refused};
use crate::codec::Limits;
use crate::codec::canonical::too_many;
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

/// The stack, the marks and the memo.
impl<'a> Machine<'a, '_> {
    /// Pushes a value. A number has up to two pushes (its text, itself), anything else one.
    fn push(&mut self, value: Value<'a>) -> Result<()> {
        self.pushes += 1;
        if self.pushes / 2 > self.limits.max_values {
            return Err(Error::corrupt(too_many(self.limits)));
        }
        self.stack.push(value);
        Ok(())
    }

    fn push_container(&mut self, container: Container<'a>) -> Result<()> {
        let value = Value::Container(self.arena.containers.len());
        self.arena.containers.push(container);
        self.push(value)
    }

    fn pop(&mut self) -> Result<Value<'a>> {
        if self.marks.last().is_some_and(|mark| *mark == self.stack.len()) {
            return Err(underflow());
        }
        self.stack.pop().ok_or_else(underflow)
    }

    fn mark(&mut self) -> Result<()> {
        // What is open at one time is nested in each other.
        if self.marks.len() >= MAX_DEPTH {
            return Err(too_deep());
        }
        self.marks.push(self.stack.len());
        Ok(())
    }

    fn pop_or_unmark(&mut self) -> Result<()> {
        if self.marks.last().is_some_and(|mark| *mark == self.stack.len()) {
            self.marks.pop();
            return Ok(());
        }
        self.pop().map(drop)
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Value<'a>>> {
        let mark = self.marks.pop().filter(|mark| *mark <= self.stack.len()).ok_or_else(underflow)?;
        Ok(self.stack.split_off(mark))
    }

    fn duplicate(&mut self) -> Result<()> {
        let value = self.top()?;
        self.push(value)
    }

    fn top(&self) -> Result<Value<'a>> {
        if self.marks.last().is_some_and(|mark| *mark == self.stack.len()) {
            return Err(underflow());
        }
        self.stack.last().copied().ok_or_else(underflow)
    }

    fn tuple(&mut self, length: usize) -> Result<()> {
        let mut items = Vec::with_capacity(length);
        for _ in 0..length {
            items.push(self.pop()?);
        }
        items.reverse();
        self.push_container(Container::Tuple(items))
    }

    fn top_container(&mut self) -> Result<Option<&mut Container<'a>>> {
        Ok(match self.top()? {
            Value::Container(index) => self.arena.containers.get_mut(index),
            _ => None,
        })
    }

    fn top_list(&mut self) -> Result<&mut Vec<Value<'a>>> {
        match self.top_container()? {
            Some(Container::List(items)) => Ok(items),
            _ => Err(Error::corrupt("the pickle appends to what is no list")),
        }
    }

    fn top_dict(&mut self) -> Result<&mut Vec<(Value<'a>, Value<'a>)>> {
        match self.top_container()? {
            Some(Container::Dict(items)) => Ok(items),
            _ => Err(Error::corrupt("the pickle sets items of what is no dict")),
        }
    }

    fn memoize(&mut self, opcode: u8) -> Result<()> {
        let index = match opcode {
            op::MEMOIZE => self.memo.len(),
            op::BINPUT => usize::from(self.input.u8()?),
            op::LONG_BINPUT => usize::try_from(self.input.u32()?).unwrap_or(usize::MAX),
            _ => self.index_line()?,
        };
        let value = self.top()?;
        self.memo.insert(index, value);
        // Python's pickler remembers a value once.
        if self.memo.len() > self.pushes {
            return Err(Error::corrupt("the pickle remembers more values than it has"));
        }
        Ok(())
    }

    fn recall(&mut self, opcode: u8) -> Result<()> {
        let index = match opcode {
            op::BINGET => usize::from(self.input.u8()?),
            op::LONG_BINGET => usize::try_from(self.input.u32()?).unwrap_or(usize::MAX),
            _ => self.index_line()?,
        };
        let value = *self.memo.get(&index).ok_or_else(|| {
            Error::corrupt(format!("the pickle refers to a value {index} that it does not have"))
        })?;
        self.push(value)
    }

    fn index_line(&mut self) -> Result<usize> {
        let line = self.input.ascii_line()?;
        let digits = line.bytes().all(|byte| byte.is_ascii_digit());
        line.parse()
            .ok()
            .filter(|_| digits)
            .ok_or_else(|| Error::corrupt(format!("the pickle has a memo index {:?}", shown(line))))
    }
}

/// Numbers and texts.
impl<'a> Machine<'a, '_> {
    /// Pushes a number, with the text popped right before if that is the same number's.
    fn push_number(&mut self, value: Value<'a>, popped_text: Option<&'a [u8]>) -> Result<()> {
        let text = popped_text.and_then(|text| std::str::from_utf8(text).ok());
        let restored = text.filter(|text| match value {
            // The only integer that JSON can write in two ways.
            Value::Int(0) => *text == "-0",
            Value::Float(float) => number::restores_float(text, float),
            _ => false,
        });
        self.push(restored.map_or(value, Value::Number))
    }

    fn number(&mut self, opcode: u8, at: usize) -> Result<Value<'a>> {
        match opcode {
            op::BININT => Ok(Value::Int(i64::from(self.input.i32()?))),
            op::BININT1 => Ok(Value::Int(i64::from(self.input.u8()?))),
            op::BININT2 => Ok(Value::Int(i64::from(self.input.u16()?))),
            op::BINFLOAT => Ok(Value::Float(self.input.f64()?)),
            op::LONG1 => {
                let bytes = self.input.short()?;
                self.long(bytes, at)
            }
            op::LONG4 => {
                let bytes = self.input.signed_medium()?;
                self.long(bytes, at)
            }
            op::FLOAT => {
                let line = self.input.ascii_line()?;
                number::python_text(line).map(Value::Float).ok_or_else(|| bad_number(line, at))
            }
            op::INT => match self.input.ascii_line()? {
                "00" => Ok(Value::Bool(false)),
                "01" => Ok(Value::Bool(true)),
                line => integer(line, at),
            },
            _ => {
                let line = self.input.ascii_line()?;
                integer(line.strip_suffix('L').unwrap_or(line), at)
            }
        }
    }

    fn long(&mut self, bytes: &[u8], at: usize) -> Result<Value<'a>> {
        if bytes.len() <= 8 {
            let negative = bytes.last().is_some_and(|top| top & 0x80 != 0);
            let mut wide = [if negative { 0xff } else { 0 }; 8];
            for (to, from) in wide.iter_mut().zip(bytes) {
                *to = *from;
            }
            return Ok(Value::Int(i64::from_le_bytes(wide)));
        }
        let text = number::decimal(bytes).ok_or_else(|| too_long(at))?;
        self.own(text.into_bytes()).map(Value::Big)
    }

    fn text(&mut self, opcode: u8, at: usize) -> Result<Value<'a>> {
        let bytes = match opcode {
            op::SHORT_BINUNICODE => self.input.short()?,
            op::BINUNICODE => self.input.medium()?,
            op::BINUNICODE8 => {
                let length = self.input.long_length()?;
                self.input.take(length)?
            }
            op::UNICODE => {
                let text = super::text::raw_unicode_escape(self.input.line()?)
                    .ok_or_else(|| Error::corrupt(format!("broken text in the pickle at byte {at}")))?;
                return self.own(text).map(Value::OwnText);
            }
            _ => return self.byte_string(opcode, at),
        };
        if !super::text::is_valid(bytes) {
            return Err(Error::corrupt(format!("the pickle has a text at byte {at} that is not UTF-8")));
        }
        Ok(Value::Text(bytes))
    }

    /// Reads a string of Python 2, which is text if it is ASCII.
    fn byte_string(&mut self, opcode: u8, at: usize) -> Result<Value<'a>> {
        let bytes = match opcode {
            op::SHORT_BINSTRING => self.input.short()?,
            op::BINSTRING => self.input.signed_medium()?,
            _ => super::text::unquote(self.input.line()?).ok_or_else(|| {
                Error::corrupt(format!("the pickle has a byte string at byte {at} with escapes"))
            })?,
        };
        if bytes.is_ascii() {
            return Ok(Value::Text(bytes));
        }
        Err(Error::corrupt(format!("the pickle has a byte string at byte {at} that is not ASCII")))
    }

    /// Keeps a text that does not stand in the input as it is.
    fn own(&mut self, text: Vec<u8>) -> Result<usize> {
        self.own_bytes = self.own_bytes.saturating_add(text.len());
        if self.own_bytes > self.limits.max_document_bytes {
            return Err(crate::codec::compress::too_large(self.limits.max_document_bytes));
        }
        self.arena.texts.push(text);
        Ok(self.arena.texts.len() - 1)
    }
}

/// Reads a decimal integer.
fn integer(line: &str, at: usize) -> Result<Value<'_>> {
    if !number::is_integer(line) {
        return Err(bad_number(line, at));
    }
    match line.parse() {
        Ok(value) => Ok(Value::Int(value)),
        Err(_) if line.trim_start_matches('-').len() > MAX_DIGITS => Err(too_long(at)),
        Err(_) => Ok(Value::Number(line)),
    }
}

fn pairs<'a>(items: &[Value<'a>]) -> Result<Vec<(Value<'a>, Value<'a>)>> {
    let (pairs, rest) = items.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(Error::corrupt("the pickle has a key without a value"));
    }
    Ok(pairs.iter().map(|[key, value]| (*key, *value)).collect())
}

fn underflow() -> Error {
    Error::corrupt("the pickle takes more values than it has")
}

pub(super) fn too_deep() -> Error {
    Error::corrupt(format!("the pickle is nested deeper than {MAX_DEPTH} levels, or contains itself"))
}

fn bad_number(text: &str, at: usize) -> Error {
    Error::corrupt(format!("the pickle has a number {:?} at byte {at}", shown(text)))
}

fn too_long(at: usize) -> Error {
    Error::corrupt(format!("the pickle has an integer at byte {at} of more than {MAX_DIGITS} digits"))
}

/// Cuts a text for a message.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
