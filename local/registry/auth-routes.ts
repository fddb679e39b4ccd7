// Logging in, by each of the paths that Nacos has had for it.

import type { Accounts } from "./account.ts";
import type { ApiReply } from "./api-reply.ts";
import type { Handler, Routes } from "./http-edge.ts";

export function authRoutes(accounts: Accounts): Routes {
  const login: Handler = ({ params }): ApiReply => {
    const { username, accessToken, tokenTtl } = accounts.login({
      username: params.optional("username"),
      password: params.optional("password"),
    });
    return {
      type: "application/json",
      headers: { authorization: `Bearer ${accessToken}` },
      body: JSON.stringify({ accessToken, tokenTtl, globalAdmin: true, username }),
    };
  };
  return {
    "POST /v1/auth/login": login,
    "POST /v1/auth/users/login": login,
    "POST /v3/auth/user/login": login,
  };
}
