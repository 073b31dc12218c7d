/** The path of an incident's page. */
export function pagePath(incidentId: string): string {
  return `/incidents/${incidentId}`;
}

/** The path that an invitation leads to. */
export function invitationPath(incidentId: string, key: string): string {
  return `${pagePath(incidentId)}/open/${key}`;
}
