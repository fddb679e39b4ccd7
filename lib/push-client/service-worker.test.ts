import { expect, test } from "@jest/globals";
import { type PushScope, showPushes } from "./service-worker.ts";

/** What is shown of a push with `data`. */
function shownOf(data: unknown): readonly unknown[] {
  const shown: unknown[] = [];
  const scope: PushScope = {
    registration: {
      async showNotification(title, options) {
        shown.push({ title, ...options });
      },
    },
    addEventListener(_type, listener) {
      listener({ data: data === undefined ? null : { json: () => data }, waitUntil: () => {} });
    },
  };
  showPushes(scope);
  return shown;
}

test("A push is shown with its text and language, under its notification's id", () => {
  const message = { id: "1", title: "订单已付款", content: "谢谢。", locale: "zh-CN" };
  expect(shownOf(message)).toEqual([
    { title: "订单已付款", body: "谢谢。", lang: "zh-CN", tag: "1", data: message },
  ]);
  expect(shownOf({ ...message, locale: null })).toMatchObject([{ lang: "" }]);
});

test.each([undefined, null, "text", {}, { id: "1" }])("What is no notification is not shown: %j", (data) => {
  expect(shownOf(data)).toEqual([]);
});
