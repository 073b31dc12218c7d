import type { Place } from '../incident/incident.ts';
import { link } from './text.ts';

/** Links to messages, made without asking Slack. */
export interface Links {
  /** Markup. */
  toMessage(place: Place, ts: string, label: string): string;
}

const MAX_LINK = 500;

/** Links into the workspace at this address, as auth.test gives it: `https://example.slack.com/`. */
export function createLinks(workspaceUrl: string): Links {
  return { toMessage: (place, ts, label) => link(messageUrl(workspaceUrl, place, ts), label, MAX_LINK) };
}

/** The address of a message in that workspace. */
export function messageUrl(workspaceUrl: string, { channel, thread }: Place, ts: string): string {
  const url = new URL(`archives/${encodeURIComponent(channel)}/p${ts.replace('.', '')}`, workspaceUrl);
  if (thread !== undefined && thread !== ts) url.search = new URLSearchParams({ thread_ts: thread, cid: channel }).toString();
  return url.href;
}
