//! Jobs by numbers that are used again.

use super::job::Job;

/// No job.
pub const NONE: u32 = u32::MAX;

/// The jobs.
#[derive(Default)]
pub struct Slots {
    jobs: Vec<Option<Job>>,
    free: Vec<u32>,
}

impl Slots {
    /// Puts a job in.
    pub fn insert(&mut self, job: Job) -> u32 {
        if let Some(slot) = self.free.pop() {
            self.jobs[slot as usize] = Some(job);
            return slot;
        }
        self.jobs.push(Some(job));
        (self.jobs.len() - 1) as u32
    }

    /// Takes a job out.
    pub fn remove(&mut self, slot: u32) -> Option<Job> {
        let job = self.jobs[slot as usize].take();
        if job.is_some() {
            self.free.push(slot);
        }
        job
    }

    /// A job that is there.
    #[inline]
    pub fn at(&self, slot: u32) -> &Job {
        self.jobs[slot as usize].as_ref().expect("a job's own slot")
    }

    /// The same, to change it.
    #[inline]
    pub fn at_mut(&mut self, slot: u32) -> &mut Job {
        self.jobs[slot as usize].as_mut().expect("a job's own slot")
    }

    /// The job of a slot, if it is still the one with that number.
    pub fn same(&self, slot: u32, seq: u64) -> Option<&Job> {
        let job = self.jobs.get(slot as usize)?.as_ref()?;
        (job.seq == seq).then_some(job)
    }

    /// All jobs.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Job)> {
        let numbered = self.jobs.iter().enumerate();
        numbered.filter_map(|(slot, job)| job.as_ref().map(|job| (slot as u32, job)))
    }
}
