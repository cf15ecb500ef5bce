//! The stack, the marks and the memo.

use super::{Container, Machine, Value, op, shown, too_deep};
use crate::codec::canonical::too_many;
use crate::json::MAX_DEPTH;
use crate::{Error, Result};

impl<'a> Machine<'a, '_> {
    /// Pushes a value. A number has up to two pushes (its text, itself), anything else one.
    pub(super) fn push(&mut self, value: Value<'a>) -> Result<()> {
        self.pushes += 1;
        if self.pushes / 2 > self.limits.max_values {
            return Err(Error::corrupt(too_many(self.limits)));
        }
        self.stack.push(value);
        Ok(())
    }

    pub(super) fn push_container(&mut self, container: Container<'a>) -> Result<()> {
        let value = Value::Container(self.arena.containers.len());
        self.arena.containers.push(container);
        self.push(value)
    }

    pub(super) fn pop(&mut self) -> Result<Value<'a>> {
        if self.marks.last().is_some_and(|mark| *mark == self.stack.len()) {
            return Err(underflow());
        }
        self.stack.pop().ok_or_else(underflow)
    }

    pub(super) fn mark(&mut self) -> Result<()> {
        // What is open at one time is nested in each other.
        if self.marks.len() >= MAX_DEPTH {
            return Err(too_deep());
        }
        self.marks.push(self.stack.len());
        Ok(())
    }

    pub(super) fn pop_or_unmark(&mut self) -> Result<()> {
        if self.marks.last().is_some_and(|mark| *mark == self.stack.len()) {
            self.marks.pop();
            return Ok(());
        }
        self.pop().map(drop)
    }

    pub(super) fn pop_to_mark(&mut self) -> Result<Vec<Value<'a>>> {
        let mark = self.marks.pop().filter(|mark| *mark <= self.stack.len()).ok_or_else(underflow)?;
        Ok(self.stack.split_off(mark))
    }

    pub(super) fn duplicate(&mut self) -> Result<()> {
        let value = self.top()?;
        self.push(value)
    }

    pub(super) fn top(&self) -> Result<Value<'a>> {
        if self.marks.last().is_some_and(|mark| *mark == self.stack.len()) {
            return Err(underflow());
        }
        self.stack.last().copied().ok_or_else(underflow)
    }

    pub(super) fn tuple(&mut self, length: usize) -> Result<()> {
        let mut items = Vec::with_capacity(length);
        for _ in 0..length {
            items.push(self.pop()?);
        }
        items.reverse();
        self.push_container(Container::Tuple(items))
    }

    pub(super) fn top_container(&mut self) -> Result<Option<&mut Container<'a>>> {
        Ok(match self.top()? {
            Value::Container(index) => self.arena.containers.get_mut(index),
            _ => None,
        })
    }

    pub(super) fn top_list(&mut self) -> Result<&mut Vec<Value<'a>>> {
        match self.top_container()? {
            Some(Container::List(items)) => Ok(items),
            _ => Err(Error::corrupt("the pickle appends to what is no list")),
        }
    }

    pub(super) fn top_dict(&mut self) -> Result<&mut Vec<(Value<'a>, Value<'a>)>> {
        match self.top_container()? {
            Some(Container::Dict(items)) => Ok(items),
            _ => Err(Error::corrupt("the pickle sets items of what is no dict")),
        }
    }

    pub(super) fn memoize(&mut self, opcode: u8) -> Result<()> {
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

    pub(super) fn recall(&mut self, opcode: u8) -> Result<()> {
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

    pub(super) fn index_line(&mut self) -> Result<usize> {
        let line = self.input.ascii_line()?;
        let digits = line.bytes().all(|byte| byte.is_ascii_digit());
        line.parse()
            .ok()
            .filter(|_| digits)
            .ok_or_else(|| Error::corrupt(format!("the pickle has a memo index {:?}", shown(line))))
    }
}

fn underflow() -> Error {
    Error::corrupt("the pickle takes more values than it has")
}
