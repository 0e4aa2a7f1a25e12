//! The loop of a scan: starts probes while the pace allows, and looks at those under way.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use agent_ffi::{Failure, Status};
use agent_shared::Control;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use slab::Slab;
use socket2::{SockRef, Socket};

use super::limits::sockets;
use super::pace::{Host, Rates, Window};
use super::report::{Cell, Found};
use super::socket::{self, Answer, Look};
use super::{MOST_PROBES, Scan};

/// Rounds that there are, as long as anything is uncertain; further ones while they get answers.
const ROUNDS: u32 = 2;
/// So many probes that are decided at once pass before the clock and the caller are looked at.
const SLICE: u32 = 256;
/// A caller who gives up is heard after so long at the latest.
const LONGEST_SLEEP: Duration = Duration::from_millis(20);
/// For so long nothing can be started before the scan fails.
const PATIENCE: Duration = Duration::from_secs(30);
const EVENTS: usize = 1_024;
/// So many connections end as connections do. A reset leaves no trace in the system's table, but is an error to servers,
/// some of which stop at it; only where everything is open (a tarpit) the table is what has to be spared.
const POLITE: u32 = 1_024;

/// A probe under way.
struct Probe {
    cell: usize,
    stream: TcpStream,
    started: Instant,
}

/// A scan under way.
pub(super) struct Engine<'a> {
    scan: &'a Scan,
    poll: Poll,
    hosts: Vec<Host>,
    cells: Vec<Cell>,
    window: Window,
    rates: Rates,
    under_way: Slab<Probe>,
    /// Deadlines in order, each with the probe it was set for.
    deadlines: VecDeque<(Instant, usize, usize)>,
    /// What is uncertain after this round.
    uncertain: Vec<usize>,
    /// Put back for want of means.
    returned: Vec<usize>,
    /// A socket of each family that may connect once more.
    spare: [Option<Socket>; 2],
    round: u32,
    answered: usize,
    probes: u64,
    stuck_since: Option<Instant>,
    ends: Instant,
    open: u32,
}

impl<'a> Engine<'a> {
    pub(super) fn new(scan: &'a Scan) -> Result<Self, Failure> {
        let size = scan.addresses.len() * scan.ports.len();
        debug_assert!(size <= MOST_PROBES);
        let mut cells = Vec::new();
        cells.try_reserve_exact(size)?;
        cells.resize(size, Cell::default());
        let now = Instant::now();
        Ok(Self {
            scan,
            poll: Poll::new().map_err(|error| impossible(&error))?,
            hosts: vec![Host::default(); scan.addresses.len()],
            cells,
            window: Window::new(scan.concurrency.min(sockets())),
            rates: Rates::new(scan.rate, scan.addresses.len(), now),
            under_way: Slab::new(),
            deadlines: VecDeque::new(),
            uncertain: Vec::new(),
            returned: Vec::new(),
            spare: [None, None],
            round: 1,
            answered: 0,
            probes: 0,
            stuck_since: None,
            ends: now + scan.limit,
            open: 0,
        })
    }

    pub(super) fn run(mut self, control: &dyn Control) -> Result<Found, Failure> {
        let (hosts, ports) = (self.scan.addresses.len(), self.scan.ports.len());
        let mut is_in_time = self.run_round(
            control,
            &mut (0..ports).flat_map(|port| (0..hosts).map(move |host| host * ports + port)),
        )?;
        while is_in_time && !self.uncertain.is_empty() && self.round < self.scan.rounds {
            if self.round >= ROUNDS && self.answered == 0 {
                break;
            }
            self.round += 1;
            self.answered = 0;
            self.deadlines.clear();
            let again = std::mem::take(&mut self.uncertain);
            is_in_time = self.run_round(control, &mut again.into_iter())?;
        }
        control.progress(self.cells.len(), self.cells.len());
        Ok(Found {
            cells: self.cells,
            probes: self.probes,
            rounds: self.round,
        })
    }

    /// Asks all of a round; false if the time was over before.
    fn run_round(
        &mut self,
        control: &dyn Control,
        asked: &mut dyn Iterator<Item = usize>,
    ) -> Result<bool, Failure> {
        let mut events = Events::with_capacity(EVENTS);
        let mut next = None;
        loop {
            let now = Instant::now();
            check(control)?;
            if now >= self.ends {
                return Ok(false);
            }
            let mut sleep = LONGEST_SLEEP;
            let mut is_done = false;
            let mut left = SLICE;
            while left > 0 && self.under_way.len() < self.window.size() {
                let Some(cell) = next
                    .take()
                    .or_else(|| self.returned.pop())
                    .or_else(|| asked.next())
                else {
                    is_done = true;
                    break;
                };
                left -= 1;
                if let Err(wait) = self.allowed(cell) {
                    next = Some(cell);
                    sleep = sleep.min(wait);
                    break;
                }
                if !self.ask(cell)? {
                    // Means come back with the probes under way, or with others' sockets.
                    self.returned.push(cell);
                    break;
                }
            }
            if is_done && self.under_way.is_empty() {
                return Ok(true);
            }
            control.progress(self.settled(), self.cells.len());
            if self.under_way.is_empty() && self.stuck_since.is_none() && left == 0 {
                continue;
            }
            if left == 0 {
                sleep = Duration::ZERO;
            } else if let Some((deadline, ..)) = self.deadlines.front() {
                sleep = sleep.min(deadline.saturating_duration_since(now));
            }
            self.watch(&mut events, sleep)?;
        }
    }

    /// How many probes are decided, as far as that is cheap to tell.
    fn settled(&self) -> usize {
        self.hosts
            .iter()
            .map(|host| host.answers as usize)
            .sum::<usize>()
            .min(self.cells.len())
    }

    fn target(&self, cell: usize) -> (usize, SocketAddr) {
        let ports = self.scan.ports.len();
        let host = cell / ports;
        let target = SocketAddr::new(self.scan.addresses[host], self.scan.ports[cell % ports]);
        (host, target)
    }

    fn allowed(&mut self, cell: usize) -> Result<(), Duration> {
        let (host, target) = self.target(cell);
        // What does not leave the machine is bounded by descriptors alone.
        if target.ip().is_loopback() {
            return Ok(());
        }
        self.rates.take(host, Instant::now())
    }

    /// Starts a probe; false if there were no means.
    fn ask(&mut self, cell: usize) -> Result<bool, Failure> {
        let (_, target) = self.target(cell);
        let family = usize::from(target.is_ipv6());
        let opened = match self.spare[family].take() {
            Some(socket) => Ok(socket),
            None => socket::open(target),
        };
        let started = Instant::now();
        let (socket, look) = match opened {
            Ok(socket) => {
                let look = socket::start(&socket, target);
                (Some(socket), look)
            }
            Err(look) => (None, look),
        };
        match (socket, look) {
            (socket, Look::Answer(answer)) => {
                self.probes += 1;
                self.stuck_since = None;
                if let Some(socket) = &socket {
                    self.part(&SockRef::from(socket), answer);
                }
                if socket::is_reusable(answer) {
                    self.spare[family] = socket;
                }
                self.answer(cell, answer, started.elapsed());
                Ok(true)
            }
            (Some(socket), Look::Pending) => self.await_answer(cell, socket, started),
            (_, Look::Exhausted(error)) => self.put_back(&error),
            (_, Look::Failed(error)) => Err(impossible_at(target, &error)),
            (None, Look::Pending) => Ok(false),
        }
    }

    fn await_answer(
        &mut self,
        cell: usize,
        socket: Socket,
        started: Instant,
    ) -> Result<bool, Failure> {
        let (host, target) = self.target(cell);
        let entry = self.under_way.vacant_entry();
        let key = entry.key();
        let mut stream = TcpStream::from_std(socket.into());
        if let Err(error) =
            self.poll
                .registry()
                .register(&mut stream, Token(key), Interest::WRITABLE)
        {
            return self.put_back(&error);
        }
        entry.insert(Probe {
            cell,
            stream,
            started,
        });
        self.probes += 1;
        self.stuck_since = None;
        let longest = self.scan.timeout;
        let wait = if target.ip().is_loopback() {
            longest
        } else {
            self.hosts[host].wait(longest, self.round)
        };
        let mut deadline = started + wait;
        if let Some((last, ..)) = self.deadlines.back() {
            // In order, at the price of waiting a little longer for some.
            deadline = deadline.max(*last);
        }
        self.deadlines.push_back((deadline, key, cell));
        Ok(true)
    }

    fn put_back(&mut self, error: &io::Error) -> Result<bool, Failure> {
        self.window.exhausted(self.under_way.len());
        let now = Instant::now();
        let since = *self.stuck_since.get_or_insert(now);
        if self.under_way.is_empty() && now - since > PATIENCE {
            return Err(impossible(error));
        }
        Ok(false)
    }

    /// Waits for events, then takes what is decided and what is over its time.
    fn watch(&mut self, events: &mut Events, sleep: Duration) -> Result<(), Failure> {
        match self.poll.poll(events, Some(sleep)) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                return Err(impossible(&error));
            }
            _ => {}
        }
        for event in events.iter() {
            let Token(key) = event.token();
            let Some(probe) = self.under_way.get(key) else {
                continue;
            };
            let (_, target) = self.target(probe.cell);
            match socket::look(&SockRef::from(&probe.stream), target) {
                Look::Pending => {}
                Look::Answer(answer) => {
                    let probe = self.end(key);
                    self.part(&SockRef::from(&probe.stream), answer);
                    self.answer(probe.cell, answer, probe.started.elapsed());
                }
                Look::Exhausted(_) => {
                    let probe = self.end(key);
                    self.returned.push(probe.cell);
                }
                Look::Failed(error) => return Err(impossible_at(target, &error)),
            }
        }
        self.expire();
        Ok(())
    }

    /// Before an open connection is closed.
    fn part(&mut self, socket: &SockRef<'_>, answer: Answer) {
        if answer == Answer::Open {
            self.open += 1;
            if self.open > POLITE {
                socket::forget(socket);
            }
        }
    }

    fn expire(&mut self) {
        let now = Instant::now();
        while let Some(&(deadline, key, cell)) = self.deadlines.front() {
            let is_under_way = self
                .under_way
                .get(key)
                .is_some_and(|probe| probe.cell == cell);
            if is_under_way && deadline > now {
                return;
            }
            self.deadlines.pop_front();
            if is_under_way {
                self.end(key);
                self.answer(cell, Answer::Timeout, Duration::ZERO);
            }
        }
    }

    fn end(&mut self, key: usize) -> Probe {
        let mut probe = self.under_way.remove(key);
        // Closing a socket is enough for the kernel's queue on Linux.
        if cfg!(not(target_os = "linux")) {
            let _ = self.poll.registry().deregister(&mut probe.stream);
        }
        probe
    }

    fn answer(&mut self, cell: usize, answer: Answer, round_trip: Duration) {
        self.cells[cell] = Cell {
            answer: Some(answer),
            round_trip: round_trip.as_secs_f32() * 1e3,
        };
        let host = &mut self.hosts[cell / self.scan.ports.len()];
        match answer {
            Answer::Timeout => {
                host.silences += 1;
                if host.answers_mostly() {
                    self.window.unanswered();
                }
                self.uncertain.push(cell);
            }
            Answer::Unreachable => {
                self.window.unanswered();
                self.uncertain.push(cell);
            }
            Answer::Prohibited => {}
            Answer::Open | Answer::Refused | Answer::Reset | Answer::SelfConnect => {
                host.answered(round_trip);
                self.window.answered();
                self.answered += 1;
            }
        }
    }
}

fn check(control: &dyn Control) -> Result<(), Failure> {
    Ok(agent_shared::check(control)?)
}

fn impossible(error: &io::Error) -> Failure {
    Failure::new(Status::Io, format!("The scan is not possible: {error}"))
        .field("path", "sockets")
        .field("operation", "scan")
}

fn impossible_at(target: SocketAddr, error: &io::Error) -> Failure {
    Failure::new(Status::Io, format!("{target} cannot be probed: {error}"))
        .field("path", target.to_string())
        .field("operation", "connect")
}
