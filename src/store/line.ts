/**
 * Lines, each by its name, of what waits for something that one at a time may use: a chat's channel. Each operation is atomic
 * over all processes.
 */
export interface Line {
  /**
   * Puts something into a line: the lowest rank (an integer from 0 to 9) comes first, and within a rank who came first. What
   * waits already keeps its place unless the new rank is better, and counts as having arrived anew. False for what waited already.
   */
  add(name: string, id: string, rank: number): Promise<boolean>;
  /** The first in a line, which stays there; undefined when nothing waits. */
  next(name: string): Promise<Waiting | undefined>;
  /** Takes something out of a line, or with a rank puts it further back, unless it arrived anew since it was seen. The answer is who is first then. */
  drop(name: string, waiting: Waiting, rank?: number): Promise<Waiting | undefined>;
}

/** What waits in a line, and by which of its arrivals it was seen. */
export interface Waiting {
  readonly id: string;
  readonly arrival: number;
}
