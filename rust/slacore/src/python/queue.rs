//! The queues at the border: a lock around each, keys as 16 bytes, columns as buffers.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyBytes, PyTuple};

use crate::python::columns::Wide;
use crate::python::errors::BadColumn;
use crate::python::queue_errors::{BadKey, BadOrder};
use crate::queue::{self, MAX_WIDTH, QueueError};

const KEY: usize = 16;

/// Keys by the instant at which each falls due.
#[pyclass(frozen, module = "helpdesk._slacore")]
pub struct TimerQueue {
    core: Mutex<queue::TimerQueue>,
}

#[pymethods]
impl TimerQueue {
    #[new]
    fn new() -> Self {
        Self { core: Mutex::default() }
    }

    fn __len__(&self, py: Python<'_>) -> usize {
        lock(py, &self.core).len()
    }

    fn __contains__(&self, key: &Bound<'_, PyBytes>) -> PyResult<bool> {
        Ok(lock(key.py(), &self.core).get(read_key(key)?).is_some())
    }

    /// Return the bytes of memory held, room for growth included.
    fn heap_bytes(&self, py: Python<'_>) -> usize {
        lock(py, &self.core).bytes()
    }

    /// Forget every key.
    fn clear(&self, py: Python<'_>) {
        lock(py, &self.core).clear();
    }

    /// Return when `key` falls due, or None if it is not queued.
    fn get(&self, key: &Bound<'_, PyBytes>) -> PyResult<Option<i64>> {
        Ok(lock(key.py(), &self.core).get(read_key(key)?))
    }

    /// Return the key that falls due first, and when; None if nothing is queued.
    fn peek<'py>(&self, py: Python<'py>) -> Option<(Bound<'py, PyBytes>, i64)> {
        let first = lock(py, &self.core).peek();
        first.map(|entry| timed(py, entry))
    }

    /// Queue `key` for `due_us`; raises `DuplicateKey`, `QueueFull`.
    fn push(&self, key: &Bound<'_, PyBytes>, due_us: i64) -> PyResult<()> {
        Ok(lock(key.py(), &self.core).push(read_key(key)?, due_us)?)
    }

    /// Move `key` to `due_us`; raises `UnknownKey`.
    fn rekey(&self, key: &Bound<'_, PyBytes>, due_us: i64) -> PyResult<()> {
        lock(key.py(), &self.core).rekey(read_key(key)?, due_us)?;
        Ok(())
    }

    /// Queue `key` for `due_us`, or move it there; raises `QueueFull`.
    fn put(&self, key: &Bound<'_, PyBytes>, due_us: i64) -> PyResult<()> {
        lock(key.py(), &self.core).put(read_key(key)?, due_us)?;
        Ok(())
    }

    /// Remove `key` and return when it was due; raises `UnknownKey`.
    fn remove(&self, key: &Bound<'_, PyBytes>) -> PyResult<i64> {
        Ok(lock(key.py(), &self.core).remove(read_key(key)?)?)
    }

    /// Remove and return the key that falls due first, and when; None if nothing is queued.
    fn pop<'py>(&self, py: Python<'py>) -> Option<(Bound<'py, PyBytes>, i64)> {
        let first = lock(py, &self.core).pop();
        first.map(|entry| timed(py, entry))
    }

    /// Queue many keys, all or none: 16 bytes a key, 64-bit instants; raises `BadColumn`, `DuplicateKey`, `QueueFull`.
    fn push_many(&self, py: Python<'_>, keys: &Bound<'_, PyAny>, dues_us: &Bound<'_, PyAny>) -> PyResult<()> {
        let (keys, dues) = (key_column(keys)?, Wide::of(dues_us, "dues", false)?);
        let dues = dues.rows();
        Ok(py.detach(|| held(&self.core).push_many(&keys, dues))?)
    }

    /// Move many keys, all or none; raises `BadColumn`, `UnknownKey`.
    fn rekey_many(&self, py: Python<'_>, keys: &Bound<'_, PyAny>, dues_us: &Bound<'_, PyAny>) -> PyResult<()> {
        let (keys, dues) = (key_column(keys)?, Wide::of(dues_us, "dues", false)?);
        let dues = dues.rows();
        Ok(py.detach(|| held(&self.core).rekey_many(&keys, dues))?)
    }

    /// Remove many keys, all or none; raises `UnknownKey`, also for a key named twice.
    fn remove_many(&self, py: Python<'_>, keys: &Bound<'_, PyAny>) -> PyResult<()> {
        let keys = key_column(keys)?;
        Ok(py.detach(|| held(&self.core).remove_many(&keys))?)
    }

    /// Remove and return what is due at `now_us` or before, in order, at most `limit` keys.
    #[pyo3(signature = (now_us, limit = None))]
    fn pop_due<'py>(&self, py: Python<'py>, now_us: i64, limit: Option<usize>) -> Vec<(Bound<'py, PyBytes>, i64)> {
        let popped = py.detach(|| held(&self.core).pop_due(now_us, limit.unwrap_or(usize::MAX)));
        popped.into_iter().map(|entry| timed(py, entry)).collect()
    }

    /// The same as two columns: keys of 16 bytes, instants as native 64-bit integers.
    #[pyo3(signature = (now_us, limit = None))]
    fn pop_due_columns<'py>(
        &self,
        py: Python<'py>,
        now_us: i64,
        limit: Option<usize>,
    ) -> (Bound<'py, PyBytes>, Bound<'py, PyBytes>) {
        let (keys, dues) = py.detach(|| {
            let popped = held(&self.core).pop_due(now_us, limit.unwrap_or(usize::MAX));
            let keys = plain(popped.iter().map(|(key, _)| key.to_be_bytes()));
            (keys, plain(popped.iter().map(|(_, due)| due.to_ne_bytes())))
        });
        (PyBytes::new(py, &keys), PyBytes::new(py, &dues))
    }

    /// Return the first keys in order, at most `limit`, and keep them.
    #[pyo3(signature = (limit = None))]
    fn snapshot<'py>(&self, py: Python<'py>, limit: Option<usize>) -> Vec<(Bound<'py, PyBytes>, i64)> {
        let first = py.detach(|| held(&self.core).snapshot(limit.unwrap_or(usize::MAX)));
        first.into_iter().map(|entry| timed(py, entry)).collect()
    }
}

/// Keys by a declared order.
#[pyclass(frozen, module = "helpdesk._slacore")]
pub struct WorkQueue {
    core: Mutex<queue::WorkQueue>,
    #[pyo3(get)]
    width: usize,
}

type Ranked<'py> = (Bound<'py, PyBytes>, Bound<'py, PyTuple>, i64);

#[pymethods]
impl WorkQueue {
    #[new]
    fn new(width: usize) -> PyResult<Self> {
        Ok(Self { core: Mutex::new(queue::WorkQueue::new(width)?), width })
    }

    fn __len__(&self, py: Python<'_>) -> usize {
        lock(py, &self.core).len()
    }

    fn __contains__(&self, key: &Bound<'_, PyBytes>) -> PyResult<bool> {
        Ok(lock(key.py(), &self.core).get(read_key(key)?).is_some())
    }

    /// Return the bytes of memory held, room for growth included.
    fn heap_bytes(&self, py: Python<'_>) -> usize {
        lock(py, &self.core).bytes()
    }

    /// Forget every key.
    fn clear(&self, py: Python<'_>) {
        lock(py, &self.core).clear();
    }

    /// Return the order and the arrival of `key`, or None if it is not queued.
    fn get<'py>(&self, key: &Bound<'py, PyBytes>) -> PyResult<Option<(Bound<'py, PyTuple>, i64)>> {
        let found = lock(key.py(), &self.core).get(read_key(key)?);
        found.map(|(order, arrival)| Ok((PyTuple::new(key.py(), order)?, arrival))).transpose()
    }

    /// Return the first key; None if nothing is queued.
    fn peek<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        let first = lock(py, &self.core).peek();
        first.map(|key| plain_key(py, key))
    }

    /// Queue `key`, which arrived at `arrival_us`, by `order`; raises `BadOrder`, `DuplicateKey`, `QueueFull`.
    fn push(&self, key: &Bound<'_, PyBytes>, order: &Bound<'_, PyTuple>, arrival_us: i64) -> PyResult<()> {
        let order = Order::read(order)?;
        Ok(lock(key.py(), &self.core).push(read_key(key)?, order.components(), arrival_us)?)
    }

    /// Move `key` to `order`, its arrival stays; raises `BadOrder`, `UnknownKey`.
    fn rekey(&self, key: &Bound<'_, PyBytes>, order: &Bound<'_, PyTuple>) -> PyResult<()> {
        let order = Order::read(order)?;
        Ok(lock(key.py(), &self.core).rekey(read_key(key)?, order.components())?)
    }

    /// Queue `key`, or move it to this order and arrival; raises `BadOrder`, `QueueFull`.
    fn put(&self, key: &Bound<'_, PyBytes>, order: &Bound<'_, PyTuple>, arrival_us: i64) -> PyResult<()> {
        let order = Order::read(order)?;
        Ok(lock(key.py(), &self.core).put(read_key(key)?, order.components(), arrival_us)?)
    }

    /// Remove `key`; raises `UnknownKey`.
    fn remove(&self, key: &Bound<'_, PyBytes>) -> PyResult<()> {
        Ok(lock(key.py(), &self.core).remove(read_key(key)?)?)
    }

    /// Remove and return the first key; None if nothing is queued.
    fn pop<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        let first = lock(py, &self.core).pop();
        first.map(|key| plain_key(py, key))
    }

    /// Queue many keys, all or none; `orders` holds one row after the other; raises `BadColumn`, `DuplicateKey`, `QueueFull`.
    fn push_many(
        &self,
        py: Python<'_>,
        keys: &Bound<'_, PyAny>,
        orders: &Bound<'_, PyAny>,
        arrivals_us: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let keys = key_column(keys)?;
        let (orders, arrivals) = (Wide::of(orders, "orders", false)?, Wide::of(arrivals_us, "arrivals", false)?);
        let (orders, arrivals) = (orders.rows(), arrivals.rows());
        Ok(py.detach(|| held(&self.core).push_many(&keys, orders, arrivals))?)
    }

    /// Move many keys, all or none, the arrivals stay; raises `BadColumn`, `UnknownKey`.
    fn rekey_many(&self, py: Python<'_>, keys: &Bound<'_, PyAny>, orders: &Bound<'_, PyAny>) -> PyResult<()> {
        let (keys, orders) = (key_column(keys)?, Wide::of(orders, "orders", false)?);
        let orders = orders.rows();
        Ok(py.detach(|| held(&self.core).rekey_many(&keys, orders))?)
    }

    /// Remove many keys, all or none; raises `UnknownKey`, also for a key named twice.
    fn remove_many(&self, py: Python<'_>, keys: &Bound<'_, PyAny>) -> PyResult<()> {
        let keys = key_column(keys)?;
        Ok(py.detach(|| held(&self.core).remove_many(&keys))?)
    }

    /// Remove and return the first keys in order, at most `limit`.
    #[pyo3(signature = (limit = None))]
    fn pop_many<'py>(&self, py: Python<'py>, limit: Option<usize>) -> Vec<Bound<'py, PyBytes>> {
        let popped = py.detach(|| held(&self.core).pop_many(limit.unwrap_or(usize::MAX)));
        popped.into_iter().map(|key| plain_key(py, key)).collect()
    }

    /// The same as one column of keys of 16 bytes.
    #[pyo3(signature = (limit = None))]
    fn pop_many_column<'py>(&self, py: Python<'py>, limit: Option<usize>) -> Bound<'py, PyBytes> {
        let keys = py.detach(|| {
            let popped = held(&self.core).pop_many(limit.unwrap_or(usize::MAX));
            plain(popped.iter().map(|key| key.to_be_bytes()))
        });
        PyBytes::new(py, &keys)
    }

    /// Return the first keys with order and arrival, in order, at most `limit`, and keep them.
    #[pyo3(signature = (limit = None))]
    fn snapshot<'py>(&self, py: Python<'py>, limit: Option<usize>) -> PyResult<Vec<Ranked<'py>>> {
        let first = py.detach(|| held(&self.core).snapshot(limit.unwrap_or(usize::MAX)));
        let ranked = |(key, order, arrival)| Ok((plain_key(py, key), PyTuple::new(py, order)?, arrival));
        first.into_iter().map(ranked).collect()
    }
}

/// The components of an order, read from a tuple.
struct Order {
    all: [i64; MAX_WIDTH],
    width: usize,
}

impl Order {
    fn read(order: &Bound<'_, PyTuple>) -> PyResult<Self> {
        let width = order.len();
        if width > MAX_WIDTH {
            return Err(BadOrder::new_err(QueueError::UnsupportedWidth(width).to_string()));
        }
        let mut all = [0; MAX_WIDTH];
        for (component, value) in all.iter_mut().zip(order.iter_borrowed()) {
            *component = value.extract()?;
        }
        Ok(Self { all, width })
    }

    fn components(&self) -> &[i64] {
        &self.all[..self.width]
    }
}

/// Take the lock of a queue; whoever waits lets the other threads run.
fn lock<'a, Q>(py: Python<'_>, core: &'a Mutex<Q>) -> MutexGuard<'a, Q> {
    core.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
}

/// Take the lock of a queue while detached from the interpreter.
fn held<Q>(core: &Mutex<Q>) -> MutexGuard<'_, Q> {
    core.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_key(key: &Bound<'_, PyBytes>) -> PyResult<u128> {
    key_of(key.as_bytes())
}

fn key_of(bytes: &[u8]) -> PyResult<u128> {
    let bytes = bytes.try_into().map_err(|_| BadKey::new_err(format!("a key of {} bytes: need {KEY}", bytes.len())))?;
    Ok(u128::from_be_bytes(bytes))
}

fn plain_key(py: Python<'_>, key: u128) -> Bound<'_, PyBytes> {
    PyBytes::new(py, &key.to_be_bytes())
}

/// Write numbers one after the other.
fn plain<const N: usize>(numbers: impl ExactSizeIterator<Item = [u8; N]>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(numbers.len() * N);
    numbers.for_each(|number| bytes.extend_from_slice(&number));
    bytes
}

fn timed(py: Python<'_>, (key, due): (u128, i64)) -> (Bound<'_, PyBytes>, i64) {
    (plain_key(py, key), due)
}

/// Copy a column of keys, 16 bytes each, one after the other; `bytes`, which nobody changes, are read where they lie.
fn key_column(column: &Bound<'_, PyAny>) -> PyResult<Vec<u128>> {
    match column.cast::<PyBytes>() {
        Ok(bytes) => keys_of(bytes.as_bytes()),
        Err(_) => keys_of(&copied(column)?),
    }
}

fn keys_of(bytes: &[u8]) -> PyResult<Vec<u128>> {
    let keys = bytes.chunks_exact(KEY);
    if !keys.remainder().is_empty() {
        return Err(BadKey::new_err(format!("a column of {} bytes: need {KEY} a key", bytes.len())));
    }
    let read = |key: &[u8]| {
        let mut number = [0; KEY];
        number.copy_from_slice(key);
        u128::from_be_bytes(number)
    };
    Ok(keys.map(read).collect())
}

fn copied(column: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if column.len().is_ok_and(|length| length == 0) {
        return Ok(Vec::new()); // an empty buffer may point anywhere, which reading it would refuse
    }
    let read = PyBuffer::<u8>::get(column).and_then(|buffer| buffer.to_vec(column.py()));
    read.map_err(|refusal| BadColumn::new_err(refusal.to_string()))
}
