// Against a real SMTP server, so that a mail is checked as its receiver gets it.

import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";
import { type SmtpMailer, smtpMailer } from "./email.ts";

interface Received {
  readonly raw: string;
  readonly mail: Email;
  readonly recipients: readonly string[];
}

let received: Received[];
let connections: number;
let refuse: { at: "RCPT TO" | "DATA"; status: number } | undefined;
let server: SMTPServer;
let mailer: SmtpMailer;

const refusal = (status: number) => Object.assign(new Error("no"), { responseCode: status });

beforeEach(async () => {
  received = [];
  connections = 0;
  refuse = undefined;
  server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    onConnect(_session, done) {
      connections += 1;
      done();
    },
    onRcptTo(_address, _session, done) {
      done(refuse?.at === "RCPT TO" ? refusal(refuse.status) : undefined);
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", async () => {
        if (refuse?.at === "DATA") return done(refusal(refuse.status));
        const raw = Buffer.concat(chunks);
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        received.push({ raw: raw.toString("utf8"), mail: await PostalMime.parse(raw), recipients });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  mailer = smtpMailer(`smtp://127.0.0.1:${portOf(server.server.address())}`, "Shop <shop@example.com>");
});

afterEach(async () => {
  await mailer.close();
  await new Promise<void>((resolve) => server.close(resolve));
});

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("The server does not listen");
  return address.port;
}

const mail = {
  to: "ann@example.com",
  subject: "Order paid",
  text: "Your order of 299.99 CNY is paid.\n谢谢",
  html: "<p>Your order of 299.99 CNY is paid.<br>谢谢</p>",
  language: "en",
  messageId: "<1@cfmp-order.example>",
};

describe("A mail over SMTP", () => {
  test("arrives as it was given, with its Message-ID", async () => {
    await mailer.send(mail);
    const [one] = received;
    expect(one?.recipients).toEqual(["ann@example.com"]);
    expect(one?.mail.from).toEqual({ name: "Shop", address: "shop@example.com" });
    expect(one?.mail.subject).toBe("Order paid");
    expect(one?.mail.text?.trim()).toBe(mail.text);
    expect(one?.mail.messageId).toBe("<1@cfmp-order.example>");
  });

  test("uses one connection for many, one after the other", async () => {
    for (let count = 0; count < 3; count += 1) await mailer.send(mail);
    expect(received).toHaveLength(3);
    expect(connections).toBe(1);
  });

  test.each(["\r\n", "\n", "\r", "\u2028"])("takes no header from a title with %j in it", async (end) => {
    await mailer.send({ ...mail, subject: `Hi${end}Bcc: eve@example.com${end}${end}<b>body</b>` });
    const [one] = received;
    expect(one?.recipients).toEqual(["ann@example.com"]);
    expect(one?.mail.headers.map(({ key }) => key)).not.toContain("bcc");
    expect(one?.mail.subject).toBe("Hi Bcc: eve@example.com <b>body</b>");
    expect(one?.mail.text?.trim()).toBe(mail.text);
  });

  test("shows nothing that would make it read otherwise than it is written", async () => {
    await mailer.send({ ...mail, subject: "pay\u202e001\u0007", text: "1\u009b2J\u2066 张三" });
    expect(received[0]?.mail.subject).toBe("pay\uFFFD001\uFFFD");
    expect(received[0]?.mail.text?.trim()).toBe("1\uFFFD2J\uFFFD 张三");
  });

  test.each(["=?utf-8?Q?a=0D=0ABcc:_x@y?=", `=?utf-8?Q?pay_=E2=80=AE100?= ${"张三 and ".repeat(20)}the end`])(
    "shows %j as a subject, and not what it would decode to",
    async (subject) => {
      await mailer.send({ ...mail, subject });
      expect(received[0]?.mail.subject).toBe(subject);
    },
  );

  test.each(["", "=?utf-8?Q?x?= "])(
    "has a subject of any length in lines of 76, with %j at its begin",
    async (begin) => {
      const subject = `${begin}${"😀".repeat(195)}`;
      await mailer.send({ ...mail, subject });
      expect(received[0]?.mail.subject).toBe(subject);
      expect(received[0]?.raw.split("\r\n").filter((line) => line.length > 76)).toEqual([]);
    },
  );

  test("goes to no second address that is hidden in the first", async () => {
    await mailer.send({ ...mail, to: "ann@example.com, eve@example.com" }).catch(() => undefined);
    await mailer.send({ ...mail, to: "ann@example.com\r\nBcc: eve@example.com" }).catch(() => undefined);
    expect(received.flatMap(({ recipients }) => recipients)).not.toContain("eve@example.com");
  });

  test("has the text and the HTML as alternatives, and its language", async () => {
    await mailer.send({ ...mail, text: "<script>alert(1)</script>" });
    expect(received[0]?.raw).toMatch(/^Content-Type: multipart\/alternative/m);
    expect(received[0]?.raw).toMatch(/^Content-Language: en\r$/m);
    expect(received[0]?.mail.text?.trim()).toBe("<script>alert(1)</script>");
    expect(received[0]?.mail.html?.trim()).toBe(mail.html);
  });

  test("encodes a subject that is not ASCII", async () => {
    await mailer.send({ ...mail, subject: "订单已付款" });
    expect(received[0]?.raw).toMatch(/^Subject: =\?UTF-8\?[BQ]\?[!->@-~]+\?=\r$/m);
    expect(received[0]?.mail.subject).toBe("订单已付款");
  });

  test("of promotion is unsubscribed from by one POST, any other has no such header", async () => {
    const unsubscribeUrl = `https://shop.example/api/notifications/unsubscribe/?token=${"t".repeat(200)}.s`;
    await mailer.send({ ...mail, unsubscribeUrl });
    await mailer.send(mail);
    const values = received.map(({ mail: { headers } }) =>
      headers.filter(({ key }) => key.startsWith("list-")).map(({ key, value }) => [key, value]),
    );
    expect(values[0]?.sort()).toEqual([
      ["list-unsubscribe", `<${unsubscribeUrl}>`],
      ["list-unsubscribe-post", "List-Unsubscribe=One-Click"],
    ]);
    expect(values[1]).toEqual([]);
  });
});

describe("A mail that is not taken", () => {
  test.each([
    { at: "RCPT TO", status: 550, permanent: true },
    { at: "DATA", status: 554, permanent: true },
    { at: "RCPT TO", status: 450, permanent: false },
    { at: "DATA", status: 451, permanent: false },
    { at: "RCPT TO", status: 530, permanent: false },
  ] as const)("at $at with $status fails for good: $permanent", async ({ at, status, permanent }) => {
    refuse = { at, status };
    await expect(mailer.send(mail)).rejects.toMatchObject({
      code: "mail_failed",
      kind: permanent ? "final" : "away",
    });
  });

  test("because nobody listens may be tried again, and the failure names no address", async () => {
    const nobody = smtpMailer("smtp://127.0.0.1:1", "shop@example.com");
    const failure = await nobody.send(mail).catch((error: Error) => error);
    expect(failure).toMatchObject({ code: "mail_failed", kind: "away" });
    expect(String(failure)).not.toContain("ann@example.com");
    await nobody.close();
  });
});

/** A server that speaks by `reply`, which gets each line of its client; undefined: no reply. */
async function speaking(reply: (line: string, socket: Socket) => string | undefined) {
  const lines: string[] = [];
  const sockets = new Set<Socket>();
  const listener: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.write("220 mx\r\n");
    let rest = "";
    socket.on("data", (data) => {
      const parts = `${rest}${data.toString("latin1")}`.split("\r\n");
      rest = parts.pop() ?? "";
      for (const line of parts) {
        lines.push(line);
        const said = reply(line, socket);
        if (said !== undefined) socket.write(`${said}\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return {
    port: portOf(listener.address()),
    lines,
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  };
}

describe("A mail server that sends its reply byte by byte, and never ends it", () => {
  test("has not taken the mail when its time is over, and the next mail does not wait for it", async () => {
    const slow = await speaking((_line, socket) => {
      const drip = setInterval(() => socket.write("250-"), 5);
      socket.once("close", () => clearInterval(drip));
      return undefined;
    });
    const impatient = smtpMailer(`smtp://127.0.0.1:${slow.port}`, "shop@example.com", { mailMs: 200 });
    try {
      const failed = { code: "mail_failed", kind: "away", message: "The mail was not accepted: timeout" };
      const mails = Array.from({ length: 5 }, () => impatient.send(mail));
      for (const outcome of await Promise.allSettled(mails))
        expect(outcome).toMatchObject({ status: "rejected", reason: failed });
    } finally {
      await impatient.close();
      await slow.close();
    }
  });
});

describe("A mail that its server has, whose reply does not come", () => {
  const talk = (line: string): string => {
    if (line.startsWith("EHLO")) return "250 mx";
    return line === "DATA" ? "354 go" : "250 ok";
  };
  /** What becomes of a mail at a server that does `end` when it has all of it. */
  async function sentTo(end: (socket: Socket) => string | undefined) {
    let content = false;
    const silent = await speaking((line, socket) => {
      if (line === "DATA") content = true;
      else if (line === ".") return end(socket);
      else if (content) return undefined;
      return talk(line);
    });
    const client = smtpMailer(`smtp://127.0.0.1:${silent.port}`, "shop@example.com", {
      mailMs: 60_000,
      replyMs: 50,
    });
    try {
      return await client.send(mail).catch((error: unknown) => error);
    } finally {
      await client.close();
      await silent.close();
    }
  }

  test.each([
    ["keeps silent", (): undefined => undefined, "timeout"],
    ["hangs up", (socket: Socket): undefined => void socket.destroy(), "ECONN"],
  ])("may have been accepted, where the server %s", async (_, end, reason) => {
    const failure = await sentTo(end);
    expect(failure).toMatchObject({ kind: "away", unsure: true, message: expect.stringContaining(reason) });
  });

  test.each(["451 later", "554 no"])("was not, where it says %j", async (reply) => {
    expect(await sentTo(() => reply)).toMatchObject({ code: "mail_failed", unsure: false });
  });
});

describe("A password for the mail server", () => {
  const answers = (line: string): string => {
    if (line.startsWith("EHLO")) return "250-mx\r\n250 AUTH PLAIN";
    if (line.startsWith("STARTTLS")) return "502 no";
    return line.startsWith("AUTH") ? "235 ok" : "250 ok";
  };
  /** What a server that offers no encryption is told at `host`: 0.0.0.0 leads to this machine as well, and is no address of it alone. */
  async function told(host: string, query = ""): Promise<readonly string[]> {
    const plain = await speaking(answers);
    const url = `smtp://user:secret@${host}:${plain.port}${query}`;
    const client = smtpMailer(url, "shop@example.com");
    try {
      await client.send(mail).catch(() => {});
      return plain.lines.map((line) => line.split(" ")[0] ?? "");
    } finally {
      await client.close();
      await plain.close();
    }
  }

  test("is not told without encryption, whether or not the server offers that", async () => {
    expect(await told("0.0.0.0")).toEqual(["EHLO", "STARTTLS"]);
  });
  test("that is refused is not told again for a minute", async () => {
    const strict = await speaking((line) => (line.startsWith("AUTH") ? "535 no" : answers(line)));
    const client = smtpMailer(`smtp://user:secret@127.0.0.1:${strict.port}`, "shop@example.com");
    try {
      await expect(client.send(mail)).rejects.toMatchObject({ kind: "away", retryAfter: 60_000 });
    } finally {
      await client.close();
      await strict.close();
    }
  });

  test("is on this machine, and where the URL says so", async () => {
    expect(await told("127.0.0.1")).toContain("AUTH");
    expect(await told("0.0.0.0", "?requireTLS=false")).toContain("AUTH");
  });
});
