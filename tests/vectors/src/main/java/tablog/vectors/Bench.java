package tablog.vectors;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;

/**
 * Times an assignment at 1,000 members and 10,000 partitions, warm; sticky with uneven subscriptions, which takes
 * a minute there, at a tenth of it. What counts is the fastest run: others were disturbed. The situations are those of bench_assignors.rs.
 */
final class Bench {
    private static final int MEMBERS = 1_000;
    private static final int TOPICS = 100;
    private static final int PARTITIONS_EACH = 100;
    private static final int WARM_RUNS = 300;
    private static final long WARM_NANOS_MIN = 3_000_000_000L;
    private static final long WARM_NANOS_MAX = 12_000_000_000L;
    private static final int RUNS = 31;

    static void run(Map<String, Main.Told> assignors) {
        var all = new LinkedHashMap<>(assignors);
        all.put("sticky-uneven", assignors.get("sticky"));
        all.forEach((name, told) -> {
            int members = name.equals("sticky-uneven") ? MEMBERS / 10 : MEMBERS;
            Group group = group(members, name.equals("sticky-uneven") ? TOPICS / 10 : TOPICS, name.endsWith("uneven"));
            print(name, "new", told.asked(), group);
            group.hear(told.asked().assign(group));
            // Cooperative: nothing is withheld from a new group, so all of it is owned now.
            for (int leaver = 0; leaver < members; leaver += members / 10) group.members.remove(memberId(leaver));
            print(name, "ten-left", told.asked(), group);
        });
    }

    private static void print(String name, String situation, Asked asked, Group group) {
        var prepared = asked.prepare(group);
        long start = System.nanoTime();
        for (int runs = 0; System.nanoTime() - start < (runs < WARM_RUNS ? WARM_NANOS_MAX : WARM_NANOS_MIN); runs++) prepared.get();
        long fastest = Long.MAX_VALUE;
        start = System.nanoTime();
        for (int runs = 0; runs < RUNS && System.nanoTime() - start < WARM_NANOS_MAX; runs++) {
            long begin = System.nanoTime();
            Object answer = prepared.get();
            fastest = Math.min(fastest, System.nanoTime() - begin);
            if (answer == null) throw new IllegalStateException(name);
        }
        System.out.println(String.format(Locale.ROOT, "%s %s %d", name, situation, fastest));
    }

    static String memberId(int number) {
        return String.format(Locale.ROOT, "consumer-%04d", number);
    }

    private static Group group(int members, int topics, boolean uneven) {
        var group = new Group();
        for (int topic = 0; topic < topics; topic++) {
            var made = new Group.Topic(new Uuid(0x0123456789abcdefL * (topic + 1), 0xfedcba9876543210L * (topic + 3)));
            made.partitions = PARTITIONS_EACH;
            group.topics.put(String.format(Locale.ROOT, "topic-%03d", topic), made);
        }
        for (int member = 0; member < members; member++) {
            var made = new Group.Member();
            int place = 0;
            for (String topic : group.topics.keySet()) {
                // Uneven: half the topics each, shifted by member.
                if (!uneven || (place + member) % topics < topics / 2) made.topics.add(topic);
                place++;
            }
            made.topics = new TreeSet<>(made.topics);
            group.members.put(memberId(member), made);
        }
        return group;
    }
}
