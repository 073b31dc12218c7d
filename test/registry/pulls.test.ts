import { afterAll, beforeAll, describe } from 'vitest';
import { describeRegistryPulls } from '../contract/registry-pulls.ts';
import { pushBlob, putManifest, TYPES } from '../support/push-image.ts';
import { type RealRegistry, startDockerRegistry } from '../support/real-parts.ts';

let registry: RealRegistry;
beforeAll(async () => {
  registry = await startDockerRegistry();
  const target = { origin: `http://${registry.host}`, repository: 'shop/web' };
  for (const tag of ['2.0', '1.0', '1.1']) {
    const config = Buffer.from(
      JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] }, config: { Labels: { tag } } }),
    );
    const described = { mediaType: TYPES.config, size: config.length, digest: await pushBlob(target, config) };
    await putManifest(
      target,
      tag,
      TYPES.manifest,
      JSON.stringify({ schemaVersion: 2, mediaType: TYPES.manifest, config: described, layers: [] }),
    );
  }
});
afterAll(() => registry?.stop());

describe('docker-registry', () => {
  describeRegistryPulls(() => registry);
});
