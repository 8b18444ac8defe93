package tablog.vectors;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** A group and its topics as they stand; what an assignor is asked about. */
final class Group {
    /** Client versions differ in where they say what they own: see README.md. */
    static final int NEWEST_CLIENT = 2;

    private static final Pattern RUN = Pattern.compile("(.)\\1{2,}");

    static final class Topic {
        final Uuid id;
        int partitions;
        int replicas;
        int firstBroker;

        Topic(Uuid id) {
            this.id = id;
        }
    }

    static final class Member {
        TreeSet<String> topics = new TreeSet<>();
        String instance;
        String rack;
        int client = NEWEST_CLIENT;
        Claim claim = new Claim(List.of(), -1);
        /** What it claimed before it heard of the last assignment. */
        Claim before = claim;
        /** Claimed once, in place of the truth. */
        Claim lie;

        Claim said() {
            return lie != null ? lie : claim;
        }

        int saidGeneration() {
            return client == 0 ? -1 : said().generation();
        }
    }

    record Claim(List<TopicPartition> owned, int generation) {}

    final TreeMap<String, Topic> topics = new TreeMap<>();
    final TreeMap<String, Member> members = new TreeMap<>();
    /** By broker; "-" where it says none. Empty where racks play no part. */
    final List<String> brokerRacks = new ArrayList<>();
    int generation = 0;

    String rackOf(Topic topic, int partition, int replica) {
        return brokerRacks.get((topic.firstBroker + partition + replica) % brokerRacks.size());
    }

    boolean allSubscribeAlike() {
        return members.values().stream().map(member -> member.topics).distinct().count() <= 1;
    }

    /** Members now own what they were given. */
    void hear(Map<String, List<TopicPartition>> assignment) {
        generation++;
        members.forEach((id, member) -> {
            member.before = member.claim;
            member.claim = new Claim(assignment.getOrDefault(id, List.of()), generation);
            member.lie = null;
        });
    }

    /** Whether each partition went to one member that asked for it. */
    boolean isSound(Map<String, List<TopicPartition>> assignment, boolean mayWithhold) {
        var owners = new LinkedHashMap<TopicPartition, String>();
        for (var entry : assignment.entrySet()) {
            for (TopicPartition partition : entry.getValue()) {
                boolean asked = members.get(entry.getKey()).topics.contains(partition.topic());
                if (!asked || owners.put(partition, entry.getKey()) != null) return false;
            }
        }
        int wanted = topics.entrySet().stream()
                .filter(topic -> members.values().stream().anyMatch(member -> member.topics.contains(topic.getKey())))
                .mapToInt(topic -> topic.getValue().partitions)
                .sum();
        return mayWithhold ? owners.size() <= wanted : owners.size() == wanted;
    }

    /** Whether the sticky assignors do here what they promise not to, if perhaps only on the way: see README.md. */
    boolean isBeyondSticky() {
        if (allSubscribeAlike()) return false;
        int newest = members.values().stream().mapToInt(Member::saidGeneration).max().orElse(-1);
        boolean claimsWhatItLeft = members.values().stream().anyMatch(member ->
                member.saidGeneration() < newest
                        && member.said().owned().stream().anyMatch(owned -> !member.topics.contains(owned.topic())));
        return claimsWhatItLeft || members.firstEntry().getValue().topics.isEmpty();
    }

    /** A letter for each partition: who has it; and how often, where that is three times in a row or more. */
    String letters(Map<String, List<TopicPartition>> assignment) {
        String alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        var owners = new TreeMap<String, Character>();
        int place = 0;
        for (String id : members.keySet()) {
            char letter = alphabet.charAt(place++);
            assignment.getOrDefault(id, List.of()).forEach(partition -> owners.put(partition.toString(), letter));
        }
        var texts = new ArrayList<String>();
        topics.forEach((name, topic) -> {
            var text = new StringBuilder();
            for (int partition = 0; partition < topic.partitions; partition++) {
                text.append(owners.getOrDefault(new TopicPartition(name, partition).toString(), '.'));
            }
            texts.add(RUN.matcher(text).replaceAll(run -> run.group(1) + run.group().length()));
        });
        return String.join("/", texts);
    }
}
