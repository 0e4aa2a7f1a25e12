//! The thread that all exchanges of the process run on. One is enough: an exchange costs it some microseconds, and
//! nothing on it has to be handed from core to core.

use std::cell::Cell;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use std::time::Duration;

use agent_ffi::ring::{Completer, Task};
use agent_ffi::{Failure, Status};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::client::Client;
use crate::exchange::{self, Way};
use crate::fault::{Fault, Kind};
use crate::order::{Limits, Order};
use crate::upload::Payload;
use crate::wire;

static ENGINE: OnceLock<Result<UnboundedSender<Exchange>, String>> = OnceLock::new();

/// An exchange that was ordered.
pub struct Exchange {
    /// Whose connections it uses.
    pub client: Arc<Client>,
    /// What to do; see [`Order::read`].
    pub order: Vec<u8>,
    /// Within which bounds.
    pub limits: Limits,
    /// The request's body.
    pub payload: Payload,
    /// Where the response goes.
    pub way: Way,
    /// Whether it is still wanted.
    pub task: Task,
    /// Where it ends.
    pub completer: Completer,
}

/// Starts an exchange.
pub fn start(exchange: Exchange) -> Result<(), Failure> {
    let started = ENGINE.get_or_init(|| spawn().map_err(|error| error.to_string()));
    let failed = |why: &str| {
        Failure::new(
            Status::Io,
            format!("The thread for HTTP could not be started: {why}"),
        )
        .field("path", "threads")
        .field("operation", "spawn")
    };
    match started {
        Ok(sender) => sender.send(exchange).map_err(|_| failed("it ended")),
        Err(error) => Err(failed(error)),
    }
}

fn spawn() -> std::io::Result<UnboundedSender<Exchange>> {
    let (sender, receiver) = unbounded_channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .on_thread_park(gather)
        .build()?;
    std::thread::Builder::new()
        .name("agent-http".to_owned())
        .spawn(move || {
            agent_ffi::quiet_panics_on_this_thread();
            runtime.block_on(serve(receiver));
        })?;
    Ok(sender)
}

/// Hands exchanges to workers: a task that has done one waits for the next, since making a task for each would cost
/// more than the waiting.
async fn serve(mut exchanges: UnboundedReceiver<Exchange>) {
    let idle = Arc::new(Mutex::new(Vec::<Arc<Worker>>::new()));
    while let Some(exchange) = exchanges.recv().await {
        let exchange = Box::new(exchange);
        let worker = lock(&idle).pop();
        match worker {
            Some(worker) => worker.begin(exchange),
            None => {
                let worker = Arc::new(Worker::default());
                *lock(&worker.next) = Some(exchange);
                tokio::spawn(work(worker, idle.clone()));
            }
        }
    }
}

/// From so many exchanges under way, the thread lets orders and answers gather...
const GATHER_FROM: usize = 8;
/// ...for so long and the system's slack, some 50 us more, before it looks for them.
const GATHER: Duration = Duration::from_micros(50);

thread_local! {
    static UNDER_WAY: Cell<usize> = const { Cell::new(0) };
}

/// Falling asleep for each answer by itself, and being woken, costs more than the answer. With many under way each of
/// them waits for the others anyway.
fn gather() {
    if UNDER_WAY.get() >= GATHER_FROM {
        std::thread::sleep(GATHER);
    }
}

/// One more exchange under way on this thread, until it is dropped.
struct UnderWay;

impl UnderWay {
    fn new() -> Self {
        UNDER_WAY.set(UNDER_WAY.get() + 1);
        Self
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        UNDER_WAY.set(UNDER_WAY.get() - 1);
    }
}

/// Workers that wait; more end.
const MOST_IDLE: usize = 256;

#[derive(Default)]
struct Worker {
    next: Mutex<Option<Box<Exchange>>>,
    given: Notify,
}

impl Worker {
    fn begin(&self, exchange: Box<Exchange>) {
        *lock(&self.next) = Some(exchange);
        self.given.notify_one();
    }
}

async fn work(worker: Arc<Worker>, idle: Arc<Mutex<Vec<Arc<Worker>>>>) {
    loop {
        let next = lock(&worker.next).take();
        if let Some(exchange) = next {
            run(exchange).await;
            let mut idle = lock(&idle);
            if idle.len() >= MOST_IDLE {
                return;
            }
            idle.push(worker.clone());
        }
        worker.given.notified().await;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs an exchange until it is over or not wanted any more; then its future is dropped, and with it its connection.
async fn run(exchange: Box<Exchange>) {
    let _under_way = UnderWay::new();
    let Exchange {
        client,
        order,
        limits,
        payload,
        way,
        task,
        completer,
    } = *exchange;
    // Read here, so that what it is made of comes from this thread's memory and goes back there.
    let order = match Order::read(order, limits, payload) {
        Ok(order) => order,
        Err(failure) => return completer.finish(Err(failure)),
    };
    let outcome = {
        let mut work = pin!(exchange::run(&client, order, way));
        let mut cancelled = pin!(task.cancelled());
        let mut closed = pin!(client.closed());
        std::future::poll_fn(|context| {
            if let Poll::Ready(outcome) = work.as_mut().poll(context) {
                return Poll::Ready(Some(outcome));
            }
            if cancelled.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            let ended = closed.as_mut().poll(context);
            ended.map(|()| Some(Err(Fault::new(Kind::Reset, "the client was closed"))))
        })
        .await
    };
    match outcome {
        Some(Ok(payload)) => completer.finish(Ok(payload)),
        Some(Err(fault)) => completer.finish(Ok(wire::fault(&fault))),
        None => drop(completer),
    }
}
