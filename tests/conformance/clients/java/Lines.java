import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The line protocol of the drivers: a command a line on standard input, a reply or an event a line on standard output. */
final class Lines {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    interface Commands {
        Object run(JsonNode command) throws Exception;
    }

    static {
        // Clients print too: what is for the runner goes out by a stream of its own.
        System.setOut(System.err);
    }

    private Lines() {}

    /** Runs each command until there are no more, and ends the process. */
    static void drive(Commands commands) throws IOException {
        say(Map.of("ready", true));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Map<String, Object> reply = new HashMap<>();
            try {
                reply.put("done", commands.run(JSON.readTree(line)));
            } catch (Throwable error) {
                reply.put("failed", error.toString());
            }
            say(reply);
        }
        System.exit(0);
    }

    static synchronized void say(Map<String, ?> message) {
        try {
            OUT.println(JSON.writeValueAsString(message));
        } catch (IOException error) {
            throw new IllegalStateException(error);
        }
    }
}
