import { type Browser, chromium } from 'playwright-core';
import { program } from './real-parts.ts';

/** Chromium asks nobody for anything by itself with these. */
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the browser that CHROMIUM names, or that of PATH, or Debian's. */
export async function startChromium(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? (await program('chromium', 'chromium'));
  // Its sandbox does not work for root.
  const args = process.getuid?.() === 0 ? [...QUIET, '--no-sandbox'] : QUIET;
  return chromium.launch({ executablePath, args });
}
