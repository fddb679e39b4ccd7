import com.alibaba.nacos.api.NacosFactory;
import com.alibaba.nacos.api.PropertyKeyConst;
import com.alibaba.nacos.api.config.ConfigService;
import com.alibaba.nacos.api.config.listener.AbstractListener;
import com.alibaba.nacos.api.naming.NamingService;
import com.alibaba.nacos.api.naming.listener.NamingEvent;
import com.alibaba.nacos.api.naming.pojo.Instance;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** Drives Nacos' Java client. Arguments: HOST:PORT, user, password. */
public class Driver {
    private static final String GROUP = "DEFAULT_GROUP";
    private final NamingService naming;
    private final ConfigService configs;

    private Driver(Properties properties) throws Exception {
        naming = NacosFactory.createNamingService(properties);
        configs = NacosFactory.createConfigService(properties);
    }

    public static void main(String[] args) throws Exception {
        Properties properties = new Properties();
        properties.put(PropertyKeyConst.SERVER_ADDR, args[0]);
        properties.put(PropertyKeyConst.USERNAME, args[1]);
        properties.put(PropertyKeyConst.PASSWORD, args[2]);
        Lines.drive(new Driver(properties)::run);
    }

    private Object run(JsonNode command) throws Exception {
        String service = command.path("service").asText();
        String dataId = command.path("dataId").asText();
        switch (command.get("do").asText()) {
            case "register":
                naming.registerInstance(service, GROUP, instance(command));
                return true;
            case "deregister":
                naming.deregisterInstance(service, GROUP, instance(command));
                return true;
            case "list":
                return ports(naming.getAllInstances(service, GROUP, false));
            case "subscribe":
                naming.subscribe(service, GROUP, event -> Lines.say(Map.of(
                    "event", "instances", "service", service, "ports", ports(((NamingEvent) event).getInstances()))));
                return true;
            case "publish":
                return configs.publishConfig(dataId, GROUP, command.get("content").asText());
            case "get":
                return configs.getConfig(dataId, GROUP, 5_000);
            case "listen":
                configs.addListener(dataId, GROUP, new AbstractListener() {
                    @Override
                    public void receiveConfigInfo(String content) {
                        Lines.say(Map.of("event", "config", "dataId", dataId, "content", String.valueOf(content)));
                    }
                });
                return true;
            default:
                throw new IllegalArgumentException("no such command");
        }
    }

    private static Instance instance(JsonNode command) {
        Instance instance = new Instance();
        instance.setIp(command.get("ip").asText());
        instance.setPort(command.get("port").asInt());
        Map<String, String> metadata = new HashMap<>();
        command.get("metadata").fields().forEachRemaining(each -> metadata.put(each.getKey(), each.getValue().asText()));
        instance.setMetadata(metadata);
        return instance;
    }

    private static int[] ports(List<Instance> instances) {
        return instances.stream().mapToInt(Instance::getPort).sorted().toArray();
    }
}
