//! The exports of the task queue: `agent_core_queue_*`.

mod file;
mod memory;
