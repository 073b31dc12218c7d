import { USAGE } from '../../intake/command.ts';
import { IDS } from '../ids.ts';

/** How to ask, as markup. */
export function helpText(): string {
  const forms = USAGE.map(([form, says]) => `\`${IDS.command} ${form}\`  ${says}`);
  return [
    ...forms,
    'In a thread, mention me instead: `@imagepull diagnose NAMESPACE/POD`. On an alert, use the message shortcut "Diagnose image pull".',
  ].join('\n');
}
