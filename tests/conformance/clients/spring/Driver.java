import com.alibaba.cloud.nacos.NacosConfigManager;
import com.alibaba.nacos.api.config.ConfigService;
import com.alibaba.nacos.api.config.listener.AbstractListener;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpEntity;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;

/**
 * Drives applications of Spring Boot with Spring Cloud Alibaba: each instance that is registered is one, which registers
 * itself when it starts and deregisters when it is closed. Arguments: HOST:PORT, user, password.
 */
public class Driver {
    private static final String GROUP = "DEFAULT_GROUP";
    private static final long LOOK_EVERY_MS = 200;
    private final String[] account;
    private final Map<String, ConfigurableApplicationContext> applications = new HashMap<>();
    /** The application that was started first: it does the rest. */
    private ConfigurableApplicationContext application;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        @LoadBalanced
        RestTemplate restTemplate() {
            return new RestTemplate();
        }

        @Bean
        @LoadBalanced
        RestClient.Builder restClientBuilder() {
            return RestClient.builder();
        }
    }

    private Driver(String[] args) {
        account = args;
    }

    public static void main(String[] args) throws Exception {
        Lines.drive(new Driver(args)::run);
    }

    private Object run(JsonNode command) throws Exception {
        String service = command.path("service").asText();
        String dataId = command.path("dataId").asText();
        switch (command.get("do").asText()) {
            case "register":
                start(service, command);
                return true;
            case "deregister":
                applications.remove(service).close();
                return true;
            case "list":
                return ports(service);
            case "subscribe":
                watch(service);
                return true;
            case "services":
                return application.getBean(DiscoveryClient.class).getServices();
            case "call":
                return call(command.get("url").asText(), command.get("user").asText(), command.get("order"));
            case "publish":
                return configs().publishConfig(dataId, GROUP, command.get("content").asText());
            case "get":
                return configs().getConfig(dataId, GROUP, 5_000);
            case "listen":
                listen(dataId);
                return true;
            default:
                throw new IllegalArgumentException("no such command");
        }
    }

    private void start(String service, JsonNode command) {
        List<String> settings = new ArrayList<>(List.of(
            "--spring.application.name=" + service,
            "--server.address=127.0.0.1",
            "--server.port=" + command.get("port").asInt(),
            "--spring.main.banner-mode=off",
            "--spring.cloud.nacos.server-addr=" + account[0],
            "--spring.cloud.nacos.username=" + account[1],
            "--spring.cloud.nacos.password=" + account[2],
            "--spring.cloud.nacos.discovery.ip=" + command.get("ip").asText(),
            "--spring.cloud.nacos.config.import-check.enabled=false"));
        command.get("metadata").fields().forEachRemaining(each ->
            settings.add("--spring.cloud.nacos.discovery.metadata." + each.getKey() + "=" + each.getValue().asText()));
        ConfigurableApplicationContext started =
            new SpringApplicationBuilder(Application.class).run(settings.toArray(String[]::new));
        applications.put(service, started);
        if (application == null) {
            application = started;
        }
    }

    private int[] ports(String service) {
        return application.getBean(DiscoveryClient.class).getInstances(service).stream()
            .mapToInt(ServiceInstance::getPort).sorted().toArray();
    }

    /** An application asks its DiscoveryClient, which keeps what it was notified of. */
    private void watch(String service) {
        Thread thread = new Thread(() -> {
            int[] before = {};
            while (true) {
                try {
                    int[] now = ports(service);
                    if (!Arrays.equals(before, now)) {
                        Lines.say(Map.of("event", "instances", "service", service, "ports", now));
                    }
                    before = now;
                    Thread.sleep(LOOK_EVERY_MS);
                } catch (InterruptedException end) {
                    return;
                } catch (RuntimeException outage) {
                    // The registry is down: it looks again.
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    /** Creates an order by one kind of load-balanced client, reads it by the other. */
    private String call(String orders, String user, JsonNode order) {
        RestClient post = application.getBean(RestClient.Builder.class).build();
        JsonNode created = post.post().uri(orders).header("uuid", user)
            .contentType(MediaType.APPLICATION_JSON).body(order).retrieve().body(JsonNode.class);
        HttpHeaders headers = new HttpHeaders();
        headers.set("uuid", user);
        RestTemplate get = application.getBean(RestTemplate.class);
        String url = orders + created.get("id").asText() + "/";
        return get.exchange(url, HttpMethod.GET, new HttpEntity<>(headers), String.class).getBody();
    }

    private ConfigService configs() {
        return application.getBean(NacosConfigManager.class).getConfigService();
    }

    private void listen(String dataId) throws Exception {
        configs().addListener(dataId, GROUP, new AbstractListener() {
            @Override
            public void receiveConfigInfo(String content) {
                Lines.say(Map.of("event", "config", "dataId", dataId, "content", String.valueOf(content)));
            }
        });
    }
}
