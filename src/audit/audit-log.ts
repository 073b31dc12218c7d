import type { Who } from './commitment.ts';
import type { Entry, Event } from './entry.ts';

/**
 * What is to be written down. People, and what they wrote, stand in `who` and `why` alone: those go into the chain as commitments and into no
 * log, while everything else stays readable for ever.
 */
export interface AuditEvent extends Omit<Event, 'who' | 'why'> {
  /** Whose chain it goes into. What holds for all clusters is written into the chain of each. */
  readonly cluster: string;
  readonly who?: Who | undefined;
  readonly why?: string | undefined;
}

/** Where everything is written down that people decide and the program does to a cluster. */
export interface AuditLog {
  /**
   * Appends an entry to the cluster's chain, and tells its head to the log. Resolves once the entry is kept. Throws where it is not, or may
   * not be (`store/unavailable`, `audit/busy`, `audit/broken`): who wanted to act must not act then.
   */
  write(event: AuditEvent): Promise<Entry>;
}
