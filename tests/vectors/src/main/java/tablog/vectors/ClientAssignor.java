package tablog.vectors;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupAssignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/** An assignor of the clients, asked as a group's leader asks it, by a leader that never led before. */
record ClientAssignor(Supplier<ConsumerPartitionAssignor> make) implements Asked {
    @Override
    public Supplier<Object> prepare(Group group) {
        var assignor = make.get();
        var subscriptions = new TreeMap<String, Subscription>();
        group.members.forEach((id, member) -> subscriptions.put(id, subscription(assignor, member)));
        Cluster cluster = cluster(group);
        return () -> {
            subscriptions.values().stream().map(Subscription::userData).filter(data -> data != null).forEach(ByteBuffer::rewind);
            return make.get().assign(cluster, new GroupSubscription(subscriptions));
        };
    }

    @Override
    public Map<String, List<TopicPartition>> named(Group group, Object answer) {
        var assignment = new HashMap<String, List<TopicPartition>>();
        ((GroupAssignment) answer).groupAssignment().forEach((id, given) -> assignment.put(id, given.partitions()));
        return assignment;
    }

    private Subscription subscription(ConsumerPartitionAssignor assignor, Group.Member member) {
        Group.Claim claim = member.said();
        int generation = member.client >= 2 ? claim.generation() : -1;
        List<TopicPartition> owned = claim.owned();
        ByteBuffer userData = null;
        if (assignor instanceof StickyAssignor) {
            // Eager: it let go of everything before it joined.
            owned = List.of();
            if (claim.generation() >= 0) userData = member.client == 0 ? withoutGeneration(claim) : said(new StickyAssignor(), claim);
        } else if (assignor instanceof CooperativeStickyAssignor) {
            userData = member.client == 0 ? null : said(new CooperativeStickyAssignor(), claim);
        }
        var subscription = new Subscription(
                new ArrayList<>(member.topics), userData, owned, generation, Optional.ofNullable(member.rack));
        subscription.setGroupInstanceId(Optional.ofNullable(member.instance));
        return subscription;
    }

    /** As the member's own assignor writes it. */
    private static ByteBuffer said(ConsumerPartitionAssignor assignor, Group.Claim claim) {
        assignor.onAssignment(
                new Assignment(claim.owned()),
                new ConsumerGroupMetadata("group", claim.generation(), "member", Optional.empty()));
        return assignor.subscriptionUserData(Set.of());
    }

    /** The sticky assignor's first format. */
    private static ByteBuffer withoutGeneration(Group.Claim claim) {
        var topics = new TreeMap<String, List<Integer>>();
        for (TopicPartition owned : claim.owned()) {
            topics.computeIfAbsent(owned.topic(), name -> new ArrayList<>()).add(owned.partition());
        }
        ByteBuffer data = ByteBuffer.allocate(1 << 16).putInt(topics.size());
        topics.forEach((name, partitions) -> {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            data.putShort((short) bytes.length).put(bytes).putInt(partitions.size());
            partitions.forEach(data::putInt);
        });
        return data.flip();
    }

    private static Cluster cluster(Group group) {
        var nodes = new ArrayList<Node>();
        for (String rack : group.brokerRacks) {
            nodes.add(new Node(nodes.size(), "localhost", 9092 + nodes.size(), rack.equals("-") ? null : rack));
        }
        var partitions = new ArrayList<PartitionInfo>();
        group.topics.forEach((name, topic) -> {
            for (int partition = 0; partition < topic.partitions; partition++) {
                int count = nodes.isEmpty() ? 0 : topic.replicas;
                Node[] replicas = new Node[count];
                for (int replica = 0; replica < count; replica++) {
                    replicas[replica] = nodes.get((topic.firstBroker + partition + replica) % nodes.size());
                }
                partitions.add(new PartitionInfo(name, partition, count == 0 ? Node.noNode() : replicas[0], replicas, replicas));
            }
        });
        return new Cluster("cluster", nodes, partitions, Set.of(), Set.of());
    }
}
