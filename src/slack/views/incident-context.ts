import { z } from 'zod';

/** Which incident a window is about, and in which channel it was opened; carried by the window. */
export const IncidentContext = z.object({ incident: z.string(), channel: z.string() });
export type IncidentContext = z.infer<typeof IncidentContext>;
