package tablog.vectors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.coordinator.group.assignor.UniformAssignor;

/** `write FOLDER [SITUATIONS]` makes the vectors, `bench` measures. */
public final class Main {
    private static final int SITUATIONS = 2_400;
    /** A story in which the sticky assignors choose among several partitions that could go home: they are rare. */
    private static final long FIRST = 1024;

    record Told(Style style, Asked asked) {}

    static Map<String, Told> assignors() {
        var all = new LinkedHashMap<String, Told>();
        all.put("range", new Told(new Style(40, true, false, false, false), new ClientAssignor(RangeAssignor::new)));
        all.put("roundrobin", new Told(new Style(50, false, false, false, false), new ClientAssignor(RoundRobinAssignor::new)));
        all.put("sticky", new Told(new Style(50, true, true, false, false), new ClientAssignor(StickyAssignor::new)));
        all.put("cooperative-sticky", new Told(new Style(50, true, true, false, true), new ClientAssignor(CooperativeStickyAssignor::new)));
        all.put("server-range", new Told(
                new Style(50, false, false, true, false),
                new ServerAssignor(new org.apache.kafka.coordinator.group.assignor.RangeAssignor())));
        all.put("server-uniform", new Told(new Style(0, false, false, true, false), new ServerAssignor(new UniformAssignor())));
        all.put("server-uniform-uneven", new Told(new Style(100, false, false, true, false), new ServerAssignor(new UniformAssignor())));
        return all;
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length == 1 && arguments[0].equals("bench")) {
            Bench.run(assignors());
            return;
        }
        if (arguments.length < 2 || !arguments[0].equals("write")) {
            throw new IllegalArgumentException("write FOLDER [SITUATIONS] | bench");
        }
        int situations = arguments.length > 2 ? Integer.parseInt(arguments[2]) : SITUATIONS;
        for (var entry : assignors().entrySet()) {
            write(Path.of(arguments[1], entry.getKey() + ".txt"), entry.getKey(), entry.getValue(), situations);
        }
    }

    private static void write(Path path, String name, Told told, int wanted) throws IOException {
        var stories = new StringBuilder();
        int situations = 0;
        int unsound = 0;
        for (long seed = 0; situations - unsound < wanted; seed++) {
            var story = new Story(seed == 0 ? FIRST : seed, told.style());
            stories.append(story.tell(told.asked()));
            situations += story.situations;
            unsound += story.unsound;
        }
        String head = "# " + name + ": " + situations + " situations, " + unsound + " of them without a sound answer (=!)\n";
        Files.writeString(path, head + stories);
        System.out.print(head);
    }
}
