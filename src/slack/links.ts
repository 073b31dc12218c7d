import type { Place } from '../incident/incident.ts';
import { escapedWithin } from './text.ts';

/** Links to messages, made without asking Slack. */
export interface Links {
  /** Markup. */
  toMessage(place: Place, ts: string, label: string): string;
}

/** Links into the workspace at this address, as auth.test gives it: `https://example.slack.com/`. */
export function createLinks(workspaceUrl: string): Links {
  return {
    toMessage({ channel, thread }, ts, label) {
      const url = new URL(`archives/${encodeURIComponent(channel)}/p${ts.replace('.', '')}`, workspaceUrl);
      if (thread !== undefined && thread !== ts) url.search = new URLSearchParams({ thread_ts: thread, cid: channel }).toString();
      return `<${url.href.replaceAll('&', '&amp;')}|${escapedWithin(label.replaceAll('|', '/'), 200)}>`;
    },
  };
}
