//! Where operations run and how they end, below the isolate that asked for them: pools, the queue of
//! completions, and a ring's record of its operations. The exports' side of it is [`ring`](crate::ring).

pub(crate) mod owner;
pub(crate) mod pools;
pub(crate) mod queue;
mod sync;
pub(crate) mod task;
