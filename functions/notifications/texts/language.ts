// What a language has to say: the texts of every event and cause. The compiler requires all of them from each language.

import type { Cause, EventName, Role } from "../../events.ts";

export interface Texts {
  readonly title: string;
  readonly content: string;
}

/** The variable parts of a text, already in its language; each may be missing, and the sentence must still be correct. */
export interface Parts {
  /** The order's total: `CN¥299.99`. */
  readonly total?: string;
  /** The amount of this event itself, such as that of a refund; where it has none, the order's total. */
  readonly amount?: string;
  /** Why it happened. */
  readonly cause?: string;
}

export interface Language {
  /** For every event and role; which party gets an event is decided by its sender. */
  readonly events: Readonly<Record<EventName, Readonly<Record<Role, (parts: Parts) => Texts>>>>;
  /** This system's own causes, as parts of a sentence. */
  readonly causes: Readonly<Record<Cause, string>>;
}
