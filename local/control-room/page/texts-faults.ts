// More texts of the panel of faults.

export const faultsTexts = {
  en: {
    action_slow: "Slow down",
    action_add: "Add instance",
    action_stop: "Stop",
    action_start: "Start",
    slowed: "slowed down",
    backends: "Registry and database",
    backends_intro: "Those in the helper process can be stopped: their ports are closed, their data stay.",
    name_of: "Name",
    kind: "Kind",
    switch_of: "{action} the {name}",
  },
  zh: {
    action_slow: "放慢",
    action_add: "增加实例",
    action_stop: "停止",
    action_start: "启动",
    slowed: "已放慢",
    backends: "注册中心与数据库",
    backends_intro: "助手进程中的可以停止：端口关闭，数据保留。",
    name_of: "名称",
    kind: "类型",
    switch_of: "{action}{name}",
  },
} as const;
