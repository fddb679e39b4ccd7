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

/** What a mail has besides its title and content. */
export interface MailWords {
  /** Labels. */
  readonly order: string;
  readonly payment: string;
  readonly time: string;
  /** Why the reader gets it. */
  readonly reason: Readonly<Record<Reason, string>>;
  readonly unsubscribe: string;
}

export type Reason = "event" | "message" | "promotion";

/** The page that a link to unsubscribe leads to. */
export interface UnsubscribingWords {
  readonly title: string;
  readonly question: string;
  readonly confirm: string;
  readonly done: string;
  readonly invalid: string;
}

export interface Language {
  /** For every event and role; which party gets an event is decided by its sender. */
  readonly events: Readonly<Record<EventName, Readonly<Record<Role, (parts: Parts) => Texts>>>>;
  /** This system's own causes, as parts of a sentence. */
  readonly causes: Readonly<Record<Cause, string>>;
  readonly mail: MailWords;
  readonly unsubscribing: UnsubscribingWords;
}
