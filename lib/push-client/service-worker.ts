// Shows Web Push in a browser: what a page's service worker does with each message. It uses nothing else of this system. See
// docs/notifications.md.

/** A push as the browser hands it over. */
interface PushReceived {
  readonly data: { json(): unknown } | null;
  waitUntil(done: Promise<unknown>): void;
}

/** The part of a service worker's global scope that is used. */
export interface PushScope {
  readonly registration: { showNotification(title: string, options: object): Promise<void> };
  addEventListener(type: "push", listener: (event: PushReceived) => void): void;
}

/** Shows each push in `scope`, which is `self`. One that comes again replaces the first; what is no notification is not shown. */
export function showPushes(scope: PushScope): void {
  scope.addEventListener("push", (event) => {
    const message = event.data?.json();
    if (typeof message !== "object" || message === null || !("id" in message) || !("title" in message))
      return;
    const { id, title } = message;
    const options = {
      body: "content" in message ? String(message.content) : "",
      lang: "locale" in message && typeof message.locale === "string" ? message.locale : "",
      tag: String(id),
      data: message,
    };
    event.waitUntil(scope.registration.showNotification(String(title), options));
  });
}
