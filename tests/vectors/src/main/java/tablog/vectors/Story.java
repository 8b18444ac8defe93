package tablog.vectors;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** A group to which things happen, told line by line in the format of README.md. */
final class Story {
    private final Random random;
    private final Style style;
    private final Group group = new Group();
    private final boolean alike;
    private final int membersMax;
    private final int topicsMax;
    private final int partitionsMax;
    private final StringBuilder lines = new StringBuilder();
    private TreeSet<String> lastSaid;
    private String lastAnswer;
    int situations = 0;
    int unsound = 0;

    Story(long seed, Style style) {
        this.style = style;
        random = new Random(seed);
        alike = random.nextInt(100) >= style.unevenPercent();
        int size = random.nextInt(12);
        membersMax = size < 9 ? 6 : size < 11 ? 14 : 50;
        topicsMax = size < 9 ? 4 : 5;
        partitionsMax = size < 9 ? 8 : size < 11 ? 16 : 30;
        lines.append("story ").append(seed).append('\n');
        if (style.racks() && random.nextBoolean()) placeBrokers();
        for (int count = 1 + random.nextInt(topicsMax); count > 0; count--) newTopic();
        for (int count = 1 + random.nextInt(membersMax); count > 0; count--) join(null);
    }

    /** Asks again and again while things happen. */
    String tell(Asked asked) {
        for (int step = 4 + random.nextInt(5); step > 0; step--) {
            situations++;
            java.util.Map<String, List<TopicPartition>> answer;
            try {
                answer = asked.assign(group);
            } catch (RuntimeException nothingToSay) {
                answer = null;
            }
            boolean isBeyond = style.claims() && group.isBeyondSticky();
            if (answer == null || isBeyond || !group.isSound(answer, style.withholds())) {
                unsound++;
                lines.append("=!\n");
                break;
            }
            String letters = group.letters(answer);
            lines.append('=').append(letters.equals(lastAnswer) ? "=" : letters).append('\n');
            lastAnswer = letters;
            group.hear(answer);
            // Now and then nothing happens.
            for (int changes = random.nextInt(4); changes > 0 && step > 1; changes--) change();
        }
        return lines.toString();
    }

    private void change() {
        int kind = random.nextInt(20);
        if (kind < 6) {
            if (group.members.size() < membersMax) join(null);
        } else if (kind < 9) {
            if (group.members.size() > 1) leave(anybody());
        } else if (kind < 11) {
            grow();
        } else if (kind < 12) {
            if (group.topics.size() < topicsMax) newTopic();
        } else if (kind < 14) {
            changeSubscription();
        } else if (kind < 15) {
            comeBack();
        } else if (style.claims() && kind < 18) {
            missTheLast();
        } else if (style.claims()) {
            lie();
        }
    }

    private void placeBrokers() {
        var names = new String[] {"a", "b", "c", "d", "-"};
        int racks = 1 + random.nextInt(4);
        for (int count = 1 + random.nextInt(6); count > 0; count--) {
            group.brokerRacks.add(random.nextInt(12) == 0 ? "-" : names[random.nextInt(racks)]);
        }
        lines.append("b ").append(String.join(",", group.brokerRacks)).append('\n');
    }

    private void newTopic() {
        String name = "t" + random.nextInt(100);
        if (group.topics.containsKey(name)) return;
        var topic = new Group.Topic(new Uuid(random.nextLong(), random.nextLong()));
        topic.partitions = random.nextInt(12) == 0 ? (style.ids() ? 1 : 0) : 1 + random.nextInt(partitionsMax);
        boolean likeAnother = !group.topics.isEmpty() && random.nextInt(3) == 0;
        if (likeAnother) topic.partitions = group.topics.firstEntry().getValue().partitions;
        if (!group.brokerRacks.isEmpty()) {
            topic.replicas = 1 + random.nextInt(Math.min(3, group.brokerRacks.size()));
            topic.firstBroker = random.nextInt(group.brokerRacks.size());
        }
        group.topics.put(name, topic);
        sayTopic(name, topic, true);
        if (alike && !group.members.isEmpty()) everybodyReads(allTopics());
    }

    private void grow() {
        String name = anyOf(new ArrayList<>(group.topics.keySet()));
        Group.Topic topic = group.topics.get(name);
        topic.partitions = Math.min(topic.partitions + 1 + random.nextInt(4), 2 * partitionsMax);
        sayTopic(name, topic, false);
    }

    private void sayTopic(String name, Group.Topic topic, boolean isNew) {
        lines.append("t ").append(name).append(' ').append(topic.partitions);
        if (style.ids()) lines.append(isNew ? " " + topic.id : "");
        else if (isNew && topic.replicas > 0) lines.append(' ').append(topic.replicas).append(' ').append(topic.firstBroker);
        lines.append('\n');
    }

    private void join(String instance) {
        String id = freshId();
        var member = new Group.Member();
        member.topics = alike ? (group.members.isEmpty() ? allTopics() : new TreeSet<>(group.members.firstEntry().getValue().topics)) : someTopics();
        member.instance = instance != null ? instance : random.nextInt(6) == 0 ? "i" + random.nextInt(1000) : null;
        boolean taken = group.members.values().stream().anyMatch(other -> other.instance != null && other.instance.equals(member.instance));
        if (taken) member.instance = null;
        if (!group.brokerRacks.isEmpty() && random.nextInt(5) > 0) member.rack = "abcd".substring(random.nextInt(4)).substring(0, 1);
        if (style.claims() && random.nextInt(8) == 0) member.client = random.nextInt(2);
        group.members.put(id, member);
        sayMember(id, member);
    }

    private void sayMember(String id, Group.Member member) {
        lines.append('+').append(id);
        // Most say what the one before them in the list said.
        if (!member.topics.equals(lastSaid)) lines.append(' ').append(member.topics.isEmpty() ? "-" : String.join(",", member.topics));
        lastSaid = member.topics;
        if (member.instance != null) lines.append(" i=").append(member.instance);
        if (member.rack != null) lines.append(" r=").append(member.rack);
        if (member.client != Group.NEWEST_CLIENT) lines.append(" v=").append(member.client);
        lines.append('\n');
    }

    private void leave(String id) {
        group.members.remove(id);
        lines.append('-').append(id).append('\n');
    }

    private void changeSubscription() {
        if (alike) {
            if (random.nextInt(3) == 0) everybodyReads(someTopics());
            return;
        }
        String id = anybody();
        Group.Member member = group.members.get(id);
        member.topics = someTopics();
        sayMember(id, member);
    }

    private void everybodyReads(TreeSet<String> topics) {
        if (topics.isEmpty()) return;
        group.members.values().forEach(member -> member.topics = new TreeSet<>(topics));
        lines.append('*').append(String.join(",", topics)).append('\n');
    }

    /** A static member comes back under a new member id. */
    private void comeBack() {
        var statics = group.members.keySet().stream().filter(id -> group.members.get(id).instance != null).toList();
        if (statics.isEmpty()) return;
        String before = anyOf(statics);
        Group.Member member = group.members.get(before);
        if (!style.ids()) {
            leave(before);
            join(member.instance);
            return;
        }
        String id = freshId();
        group.members.remove(before);
        group.members.put(id, member);
        lines.append('>').append(before).append(' ').append(id).append('\n');
    }

    /** A member that never heard of the last assignment. */
    private void missTheLast() {
        String id = anybody();
        Group.Member member = group.members.get(id);
        if (member.claim.generation() < 0) return;
        member.claim = member.before;
        lines.append('~').append(id).append('\n');
    }

    /** Claims what it may not own at all, in a generation that may never have been. */
    private void lie() {
        String id = anybody();
        Group.Member member = group.members.get(id);
        if (member.lie != null) return;
        int generation = Math.max(0, group.generation + random.nextInt(4) - 2);
        var owned = new ArrayList<TopicPartition>();
        var text = new StringBuilder();
        group.topics.forEach((name, topic) -> {
            for (int partition = 0; partition < topic.partitions; partition++) {
                if (random.nextInt(4) != 0) continue;
                for (int times = random.nextInt(12) == 0 ? 2 : 1; times > 0; times--) {
                    owned.add(new TopicPartition(name, partition));
                    text.append(' ').append(name).append('-').append(partition);
                }
            }
        });
        member.lie = new Group.Claim(owned, generation);
        lines.append('!').append(id).append(' ').append(generation).append(text).append('\n');
    }

    private TreeSet<String> allTopics() {
        return new TreeSet<>(group.topics.keySet());
    }

    private TreeSet<String> someTopics() {
        var topics = new TreeSet<String>();
        int keep = 1 + random.nextInt(3);
        group.topics.keySet().forEach(name -> {
            if (random.nextInt(4) < keep) topics.add(name);
        });
        // Hardly ever to nothing; the broker's assignors never see a topic that does not exist.
        if (topics.isEmpty() && random.nextInt(10) > 0) topics.add(group.topics.firstKey());
        if (!style.ids() && random.nextInt(30) == 0) topics.add("none");
        return topics;
    }

    private String freshId() {
        String letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        while (true) {
            var id = new StringBuilder();
            for (int length = 2 + random.nextInt(4); length > 0; length--) id.append(letters.charAt(random.nextInt(62)));
            if (!group.members.containsKey(id.toString())) return id.toString();
        }
    }

    private String anybody() {
        return anyOf(new ArrayList<>(group.members.keySet()));
    }

    private String anyOf(List<String> names) {
        return names.get(random.nextInt(names.size()));
    }
}
