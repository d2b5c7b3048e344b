//! The queues against a sorted list: whatever is done to both, they hold the same and pop the same.

use std::collections::BTreeMap;

use _slacore::queue::{MAX_KEYS, MAX_WIDTH, QueueError, TimerQueue, WorkQueue, room_for};
use proptest::collection::vec;
use proptest::prelude::*;

/// The list: small, slow, obvious.
#[derive(Default)]
struct Model<P>(BTreeMap<u128, P>);

impl<P: Ord + Clone> Model<P> {
    fn sorted(&self) -> Vec<(u128, P)> {
        let mut entries: Vec<_> = self.0.iter().map(|(key, place)| (*key, place.clone())).collect();
        entries.sort_by(|a, b| (&a.1, a.0).cmp(&(&b.1, b.0)));
        entries
    }

    fn take(&mut self, wanted: impl Fn(&P) -> bool, limit: usize) -> Vec<(u128, P)> {
        let taken: Vec<_> = self.sorted().into_iter().filter(|(_, place)| wanted(place)).take(limit).collect();
        for (key, _) in &taken {
            self.0.remove(key);
        }
        taken
    }
}

#[derive(Clone, Debug)]
enum Act {
    Push(u128, i64),
    Rekey(u128, i64),
    Put(u128, i64),
    Remove(u128),
    Pop,
    PopDue(i64, usize),
    PushMany(Vec<(u128, i64)>),
    RekeyMany(Vec<(u128, i64)>),
    RemoveMany(Vec<u128>),
    Clear,
}

fn key() -> impl Strategy<Value = u128> {
    // Few keys meet each other often; some share either half, so that the index cannot tell by one of them.
    prop_oneof![0..40u128, (0..8u128).prop_map(|high| high << 64), (0..8u128).prop_map(|high| high << 96 | 5)]
}

fn due() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 0..12i64, 1 => Just(i64::MAX), 1 => Just(i64::MIN), 2 => any::<i64>()]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (key(), due()).prop_map(|(key, due)| Act::Push(key, due)),
        3 => (key(), due()).prop_map(|(key, due)| Act::Rekey(key, due)),
        3 => (key(), due()).prop_map(|(key, due)| Act::Put(key, due)),
        3 => key().prop_map(Act::Remove),
        2 => Just(Act::Pop),
        2 => (due(), prop_oneof![0..6usize, Just(usize::MAX)]).prop_map(|(now, limit)| Act::PopDue(now, limit)),
        3 => vec((key(), due()), 0..30).prop_map(Act::PushMany),
        2 => vec((key(), due()), 0..12).prop_map(Act::RekeyMany),
        2 => vec(key(), 0..6).prop_map(Act::RemoveMany),
        1 => Just(Act::Clear),
    ]
}

fn apply(queue: &mut TimerQueue, model: &mut Model<i64>, act: &Act) -> Result<(), TestCaseError> {
    match act {
        Act::Push(key, due) => {
            let expected = if model.0.contains_key(key) { Err(QueueError::DuplicateKey(*key)) } else { Ok(()) };
            prop_assert_eq!(queue.push(*key, *due), expected);
            model.0.entry(*key).or_insert(*due);
        }
        Act::Rekey(key, due) => {
            let was = model.0.get_mut(key).map(|was| std::mem::replace(was, *due));
            prop_assert_eq!(queue.rekey(*key, *due), was.ok_or(QueueError::UnknownKey(*key)));
        }
        Act::Put(key, due) => prop_assert_eq!(queue.put(*key, *due), Ok(model.0.insert(*key, *due))),
        Act::Remove(key) => {
            prop_assert_eq!(queue.remove(*key), model.0.remove(key).ok_or(QueueError::UnknownKey(*key)));
        }
        Act::Pop => prop_assert_eq!(queue.pop(), model.take(|_| true, 1).pop()),
        Act::PopDue(now, limit) => {
            prop_assert_eq!(queue.pop_due(*now, *limit), model.take(|due| due <= now, *limit));
        }
        Act::PushMany(rows) => {
            let (keys, dues): (Vec<u128>, Vec<i64>) = rows.iter().copied().unzip();
            let clash =
                keys.iter().enumerate().find(|(row, key)| model.0.contains_key(key) || keys[..*row].contains(key));
            let expected = clash.map_or(Ok(()), |(_, key)| Err(QueueError::DuplicateKey(*key)));
            prop_assert_eq!(queue.push_many(&keys, &dues), expected);
            if expected.is_ok() {
                model.0.extend(rows.iter().copied());
            }
        }
        Act::RekeyMany(rows) => {
            let (keys, dues): (Vec<u128>, Vec<i64>) = rows.iter().copied().unzip();
            let expected = keys
                .iter()
                .find(|key| !model.0.contains_key(key))
                .map_or(Ok(()), |key| Err(QueueError::UnknownKey(*key)));
            prop_assert_eq!(queue.rekey_many(&keys, &dues), expected);
            if expected.is_ok() {
                model.0.extend(rows.iter().copied());
            }
        }
        Act::RemoveMany(keys) => {
            let unknown =
                keys.iter().enumerate().find(|(row, key)| !model.0.contains_key(key) || keys[..*row].contains(key));
            let expected = unknown.map_or(Ok(()), |(_, key)| Err(QueueError::UnknownKey(*key)));
            prop_assert_eq!(queue.remove_many(keys), expected);
            if expected.is_ok() {
                model.0.retain(|key, _| !keys.contains(key));
            }
        }
        Act::Clear => {
            queue.clear();
            model.0.clear();
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn the_timer_queue_is_a_sorted_list(acts in vec(act(), 1..120)) {
        let (mut queue, mut model) = (TimerQueue::default(), Model::default());
        for act in &acts {
            apply(&mut queue, &mut model, act)?;
            let sorted = model.sorted();
            prop_assert_eq!(queue.len(), sorted.len());
            prop_assert_eq!(queue.is_empty(), sorted.is_empty());
            prop_assert_eq!(queue.peek(), sorted.first().copied());
            prop_assert_eq!(queue.snapshot(3), &sorted[..sorted.len().min(3)]);
            for probe in 0..40 {
                prop_assert_eq!(queue.get(probe), model.0.get(&probe).copied());
            }
        }
        prop_assert_eq!(queue.snapshot(usize::MAX), model.sorted());
        let mut popped = Vec::new();
        while let Some(entry) = queue.pop() {
            popped.push(entry);
        }
        prop_assert_eq!(popped, model.sorted());
    }

    #[test]
    fn a_large_queue_pops_in_order_by_any_mixture_of_calls(
        seed in any::<u64>(), size in 1..3000usize, steps in vec((0..400usize, 0..1000i64), 1..12)
    ) {
        let mut state = seed | 1;
        let mut random = || { state ^= state << 13; state ^= state >> 7; state ^= state << 17; state };
        let keys: Vec<u128> = (0..size).map(|_| u128::from(random()) << 64 | u128::from(random())).collect();
        let dues: Vec<i64> = (0..size).map(|_| i64::try_from(random() % 1000).unwrap()).collect();
        let (mut queue, mut model) = (TimerQueue::default(), Model::default());
        queue.push_many(&keys, &dues).unwrap();
        model.0.extend(keys.iter().copied().zip(dues.iter().copied()));
        for (limit, now) in steps {
            prop_assert_eq!(queue.pop_due(now, limit), model.take(|due| *due <= now, limit));
            let moved: Vec<u128> = model.0.keys().copied().filter(|key| key % 7 == 0).collect();
            let dues: Vec<i64> = moved.iter().map(|_| i64::try_from(random() % 1000).unwrap()).collect();
            queue.rekey_many(&moved, &dues).unwrap();
            model.0.extend(moved.into_iter().zip(dues));
            let fresh = u128::from(random());
            queue.push(fresh, now).unwrap();
            model.0.insert(fresh, now);
        }
        prop_assert_eq!(queue.snapshot(10), &model.sorted()[..model.0.len().min(10)]);
        prop_assert_eq!(queue.pop_due(i64::MAX, usize::MAX), model.sorted());
    }

    #[test]
    fn the_work_queue_goes_by_order_then_arrival_then_key(
        width in 1..=MAX_WIDTH, rows in vec((0..12u128, vec(-2..3i64, MAX_WIDTH), 0..3i64, 0..4u8), 1..80)
    ) {
        let (mut queue, mut model) = (WorkQueue::new(width).unwrap(), Model::<(Vec<i64>, i64)>::default());
        prop_assert_eq!(queue.width(), width);
        for (key, order, arrival, act) in rows {
            let order = order[..width].to_vec();
            let known = model.0.contains_key(&key);
            match act {
                0 => {
                    let expected = if known { Err(QueueError::DuplicateKey(key)) } else { Ok(()) };
                    prop_assert_eq!(queue.push(key, &order, arrival), expected);
                    model.0.entry(key).or_insert((order, arrival));
                }
                1 => {
                    let expected = if known { Ok(()) } else { Err(QueueError::UnknownKey(key)) };
                    prop_assert_eq!(queue.rekey(key, &order), expected);
                    model.0.entry(key).and_modify(|was| was.0 = order);
                    if !known { model.0.remove(&key); }
                }
                2 => {
                    queue.put(key, &order, arrival).unwrap();
                    model.0.insert(key, (order, arrival));
                }
                _ => {
                    let expected = if known { Ok(()) } else { Err(QueueError::UnknownKey(key)) };
                    prop_assert_eq!(queue.remove(key), expected);
                    model.0.remove(&key);
                }
            }
            let sorted = model.sorted();
            prop_assert_eq!(queue.len(), sorted.len());
            prop_assert_eq!(queue.is_empty(), sorted.is_empty());
            prop_assert_eq!(queue.peek(), sorted.first().map(|entry| entry.0));
            prop_assert_eq!(queue.get(key), model.0.get(&key).cloned());
        }
        let expected: Vec<_> = model.sorted().into_iter().map(|(key, (order, arrival))| (key, order, arrival)).collect();
        prop_assert_eq!(queue.snapshot(usize::MAX), expected.clone());
        let mut bulk = queue.clone();
        let keys: Vec<u128> = expected.iter().map(|entry| entry.0).collect();
        prop_assert_eq!(bulk.pop_many(usize::MAX), keys.clone());
        prop_assert_eq!(queue.pop_many(2), &keys[..keys.len().min(2)]);
        for key in keys.into_iter().skip(2) {
            prop_assert_eq!(queue.pop(), Some(key));
        }
        prop_assert_eq!(queue.pop(), None);
    }
}

#[test]
fn work_in_bulk_is_work_one_by_one() {
    let (keys, arrivals) = ([4, 3, 2, 1], [1, 1, 1, 0]);
    let orders = [1, 5, 0, 9, 0, 9, 0, 9];
    let mut queue = WorkQueue::new(2).unwrap();
    queue.push_many(&keys, &orders, &arrivals).unwrap();
    assert_eq!(queue.snapshot(9).iter().map(|entry| entry.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
    queue.rekey_many(&[1, 4], &[2, 0, 0, 9]).unwrap();
    assert_eq!(queue.get(4), Some((vec![0, 9], 1)));
    assert_eq!(queue.snapshot(9).iter().map(|entry| entry.0).collect::<Vec<_>>(), [2, 3, 4, 1]);
    queue.remove_many(&[3, 1]).unwrap();
    assert_eq!(queue.pop_many(usize::MAX), [2, 4]);
    queue.push(9, &[0, 0], 0).unwrap();
    queue.clear();
    assert!(queue.is_empty());
}

#[test]
fn whatever_is_taken_from_the_middle_the_rest_pops_in_order() {
    // Pushed in this order the last key lies under 1; in the place of one under 100 it has to rise.
    let dues: [i64; 13] = [0, 100, 1, 200, 300, 101, 102, 103, 104, 2, 3, 4, 5];
    for taken in dues {
        let mut queue = TimerQueue::default();
        for due in dues {
            queue.push(due.unsigned_abs().into(), due).unwrap();
        }
        assert_eq!(queue.remove(taken.unsigned_abs().into()), Ok(taken));
        let mut rest: Vec<i64> = dues.into_iter().filter(|due| *due != taken).collect();
        rest.sort_unstable();
        assert_eq!(std::iter::from_fn(|| queue.pop()).map(|(_, due)| due).collect::<Vec<_>>(), rest);
    }
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let mut timers = TimerQueue::default();
    let unequal = |keys, places| Err(QueueError::UnequalColumns { keys, places });
    assert_eq!(timers.push_many(&[1, 2], &[1]), unequal(2, 1));
    assert_eq!(timers.rekey_many(&[1], &[0_i64; 0]), unequal(1, 0));
    assert!(timers.is_empty());
    let mut work = WorkQueue::new(2).unwrap();
    assert_eq!(work.push_many(&[1], &[1, 2, 3], &[1]), unequal(2, 3));
    assert_eq!(work.push_many(&[1], &[1, 2], &[]), unequal(1, 0));
    assert_eq!(work.rekey_many(&[1], &[1]), unequal(2, 1));
    assert_eq!(work.push(1, &[1], 0), Err(QueueError::WrongWidth { given: 1, declared: 2 }));
    assert_eq!(work.rekey(1, &[1, 2, 3]), Err(QueueError::WrongWidth { given: 3, declared: 2 }));
    assert_eq!(work.put(1, &[], 0), Err(QueueError::WrongWidth { given: 0, declared: 2 }));
    assert!(work.is_empty());
    for width in [0, MAX_WIDTH + 1] {
        assert_eq!(WorkQueue::new(width).err(), Some(QueueError::UnsupportedWidth(width)));
    }
}

#[test]
fn a_refusal_names_what_it_refuses() {
    let said = |refusal: QueueError| refusal.to_string();
    assert_eq!(said(QueueError::DuplicateKey(10)), "key 0000000000000000000000000000000a is already queued");
    assert_eq!(said(QueueError::UnknownKey(11)), "key 0000000000000000000000000000000b is not queued");
    assert_eq!(
        said(QueueError::WrongWidth { given: 1, declared: 2 }),
        "the order has 1 components, the queue was declared with 2"
    );
    assert_eq!(said(QueueError::UnsupportedWidth(9)), "an order of 9 components; a work queue takes 1 to 6");
    assert_eq!(said(QueueError::UnequalColumns { keys: 2, places: 3 }), "the keys call for 2 numbers, 3 are given");
    assert_eq!(said(QueueError::Full), "the queue would hold more than 2147483648 keys");
}

#[test]
fn a_key_costs_at_most_eighty_bytes_and_popped_room_is_used_again() {
    let size = 20_000_u128;
    let mut timers = TimerQueue::default();
    let mut work = WorkQueue::new(3).unwrap();
    for key in 0..size {
        timers.push(key, 0).unwrap();
        work.push(key, &[0, 0, 0], 0).unwrap();
    }
    let held = (timers.bytes(), work.bytes());
    assert!((32..=64).contains(&(held.0 / 20_000)), "{held:?}");
    assert!((56..=96).contains(&(held.1 / 20_000)), "{held:?}");
    for key in 0..size {
        assert_eq!(timers.pop(), Some((key, 0)));
        timers.push(key + size, 1).unwrap();
        assert_eq!(work.pop(), Some(key));
        work.push(key + size, &[1, 0, 0], 0).unwrap();
    }
    assert_eq!((timers.bytes(), work.bytes()), held);
    // A bulk call makes room for its rows, no more.
    let keys: Vec<u128> = (0..2 * size).collect();
    let dues = vec![5; 40_000];
    let mut bulk = TimerQueue::default();
    bulk.push_many(&keys[..20_000], &dues[..20_000]).unwrap();
    bulk.push_many(&keys[20_000..], &dues[20_000..]).unwrap();
    assert!((32..=56).contains(&(bulk.bytes() / 40_000)), "{}", bulk.bytes());
}

#[test]
fn a_queue_takes_keys_up_to_its_limit_and_none_beyond() {
    for held in [0, 1, MAX_KEYS / 2, MAX_KEYS - 1, MAX_KEYS] {
        let left = MAX_KEYS - held;
        assert_eq!(room_for(left, held), Ok(()));
        assert_eq!(room_for(left + 1, held), Err(QueueError::Full));
        assert_eq!(room_for(0, held), Ok(()));
    }
}
