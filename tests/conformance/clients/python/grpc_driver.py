"""Drives the Python client from 2.0 on, which speaks gRPC. Arguments: HOST:PORT, user, password."""

import asyncio
import sys

from v2.nacos import (
    ClientConfigBuilder,
    ConfigParam,
    DeregisterInstanceParam,
    ListInstanceParam,
    NacosConfigService,
    NacosNamingService,
    RegisterInstanceParam,
    SubscribeServiceParam,
)

from lines import commands, say

GROUP = "DEFAULT_GROUP"
server, username, password = sys.argv[1:]


class Driver:
    async def open(self):
        config = (
            ClientConfigBuilder()
            .server_address(server)
            .namespace_id("public")
            .username(username)
            .password(password)
            .log_dir("logs")
            .cache_dir("cache")
            .build()
        )
        self.naming = await NacosNamingService.create_naming_service(config)
        self.configs = await NacosConfigService.create_config_service(config)

    async def do(self, command):
        match command["do"]:
            case "register":
                return await self.naming.register_instance(
                    RegisterInstanceParam(
                        service_name=command["service"],
                        group_name=GROUP,
                        ip=command["ip"],
                        port=command["port"],
                        metadata=command["metadata"],
                    )
                )
            case "deregister":
                return await self.naming.deregister_instance(
                    DeregisterInstanceParam(
                        service_name=command["service"],
                        group_name=GROUP,
                        ip=command["ip"],
                        port=command["port"],
                    )
                )
            case "list":
                param = ListInstanceParam(service_name=command["service"], group_name=GROUP, healthy_only=None)
                param.subscribe = False
                return sorted(each.port for each in await self.naming.list_instances(param))
            case "subscribe":
                return await self.subscribe(command["service"])
            case "publish":
                return await self.configs.publish_config(
                    ConfigParam(data_id=command["dataId"], group=GROUP, content=command["content"])
                )
            case "get":
                return await self.configs.get_config(ConfigParam(data_id=command["dataId"], group=GROUP))
            case "listen":
                return await self.listen(command["dataId"])

    async def subscribe(self, service):
        async def changed(instances):
            say(event="instances", service=service, ports=sorted(each.port for each in instances))

        await self.naming.subscribe(
            SubscribeServiceParam(service_name=service, group_name=GROUP, subscribe_callback=changed)
        )

    async def listen(self, data_id):
        async def changed(_tenant, _data_id, _group, content):
            say(event="config", dataId=data_id, content=content)

        await self.configs.add_listener(data_id, GROUP, changed)


async def main():
    driver = Driver()
    await driver.open()
    say(ready=True)
    lines = commands()
    while (command := await asyncio.to_thread(next, lines, None)) is not None:
        try:
            say(done=await driver.do(command))
        except Exception as error:
            say(failed=f"{type(error).__name__}: {error}")


asyncio.run(main())
