import type { Message } from '../incident/thread.ts';

/** Where a run is told. Throws CodedError `chat/…`. */
export interface Chat {
  post(runId: string, message: Message): Promise<{ readonly ts: string }>;
  update(runId: string, ts: string, message: Message): Promise<void>;
}
