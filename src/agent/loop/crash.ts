/**
 * A crash that a test makes: it ends a run as the death of the process would, with nothing more kept.
 *
 * @module
 */

/** Thrown by models and tools of tests that stand for a process that dies. Not a failure that a run deals with. */
export class SimulatedCrash extends Error {
  /** Its class. */
  override readonly name = "SimulatedCrash";
}
