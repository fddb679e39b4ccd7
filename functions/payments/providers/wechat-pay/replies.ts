// How WeChat Pay wants its callbacks answered: 204, or an error status with a code and a message.

import type { CallbackReplies } from "../provider.ts";

export const wechatPayReplies: CallbackReplies = {
  taken: { status: 204, body: undefined },
  refused: ({ status, message }) => {
    if (status !== 400 && status !== 401 && status !== 404 && status !== 409) return undefined;
    return { status, body: { code: "FAIL", message } };
  },
};
