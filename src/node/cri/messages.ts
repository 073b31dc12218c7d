import { flag, many, map, message, one, text, texts, whole } from './wire.ts';

/**
 * The part of CRI that is used, with its own numbers: k8s.io/cri-api, pkg/apis/runtime/v1/api.proto. Fields and calls that are
 * not here are never written, and skipped when read.
 */
const ImageSpec = message({ image: text(1) });

const Image = message({ id: text(1), repoTags: texts(2), repoDigests: texts(3), size: whole(4), pinned: flag(8) });

const AuthConfig = message({ username: text(1), password: text(2), identityToken: text(5) });

const RuntimeCondition = message({ type: text(1), status: flag(2), reason: text(3), message: text(4) });

const Amount = message({ value: whole(1) });
const FilesystemUsage = message({
  identifier: one(2, message({ mountpoint: text(1) })),
  usedBytes: one(3, Amount),
  inodesUsed: one(4, Amount),
});

const Container = message({
  id: text(1),
  podSandboxId: text(2),
  metadata: one(3, message({ name: text(1) })),
  image: one(4, ImageSpec),
  imageRef: text(5),
  /** 0 created, 1 running, 2 exited, 3 unknown. */
  state: whole(6),
  labels: map(8),
  /** From Kubernetes 1.31 on. */
  imageId: text(10),
});

/** An image volume has the image that is mounted in field 9. */
const Mount = message({ image: one(9, ImageSpec) });

/** A call: its path, and the messages of question and answer. */
export interface Call<Question, Answer> {
  readonly path: string;
  readonly question: Question;
  readonly answer: Answer;
}

function call<Question, Answer>(service: 'RuntimeService' | 'ImageService', name: string, question: Question, answer: Answer) {
  return { path: `/runtime.v1.${service}/${name}`, question, answer };
}

const Nothing = message({});

/** The calls that the program makes. */
export const CALLS = {
  version: call(
    'RuntimeService',
    'Version',
    message({ version: text(1) }),
    message({ version: text(1), runtimeName: text(2), runtimeVersion: text(3), runtimeApiVersion: text(4) }),
  ),
  status: call(
    'RuntimeService',
    'Status',
    message({ verbose: flag(1) }),
    message({ status: one(1, message({ conditions: many(1, RuntimeCondition) })), info: map(2) }),
  ),
  listContainers: call('RuntimeService', 'ListContainers', Nothing, message({ containers: many(1, Container) })),
  containerStatus: call(
    'RuntimeService',
    'ContainerStatus',
    message({ containerId: text(1) }),
    message({ status: one(1, message({ mounts: many(14, Mount) })) }),
  ),
  listImages: call('ImageService', 'ListImages', Nothing, message({ images: many(1, Image) })),
  imageStatus: call('ImageService', 'ImageStatus', message({ image: one(1, ImageSpec) }), message({ image: one(1, Image) })),
  pullImage: call(
    'ImageService',
    'PullImage',
    message({ image: one(1, ImageSpec), auth: one(2, AuthConfig) }),
    message({ imageRef: text(1) }),
  ),
  removeImage: call('ImageService', 'RemoveImage', message({ image: one(1, ImageSpec) }), Nothing),
  imageFsInfo: call(
    'ImageService',
    'ImageFsInfo',
    Nothing,
    message({ imageFilesystems: many(1, FilesystemUsage), containerFilesystems: many(2, FilesystemUsage) }),
  ),
} as const;
